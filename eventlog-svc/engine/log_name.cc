#include "eventlog-svc/engine/log_name.h"

#include <algorithm>
#include <cstdint>

#include "absl/strings/ascii.h"
#include "absl/strings/escaping.h"
#include "absl/strings/str_cat.h"
#include "eventlog-svc/engine/error.h"

namespace eventlog {
namespace {

constexpr size_t kNameBytesMax = 63;
constexpr int64_t kBatchLimitMax = 4 * 1024 * 1024;

bool IsLowerOrDigit(char c) {
  return absl::ascii_islower(static_cast<unsigned char>(c)) || absl::ascii_isdigit(static_cast<unsigned char>(c));
}

absl::Status Invalid(absl::string_view message) {
  return Error(absl::StatusCode::kInvalidArgument, "LOG_INVALID", message);
}

}  // namespace

absl::Status CheckLogName(absl::string_view name) {
  const bool good = !name.empty() && name.size() <= kNameBytesMax && IsLowerOrDigit(name.front()) &&
                    std::all_of(name.begin(), name.end(),
                                [](char c) { return IsLowerOrDigit(c) || c == '_' || c == '.' || c == '-'; });
  if (good) return absl::OkStatus();
  return Error(absl::StatusCode::kInvalidArgument, "LOG_INVALID",
               absl::StrCat("the name of a log has 1 to ", kNameBytesMax,
                            " characters of [a-z0-9_.-], the first of [a-z0-9]; not so \"",
                            absl::CHexEscape(name.substr(0, 80)), "\""));
}

absl::Status CheckLogSettings(const LogSettings& settings, Durability durability_max) {
  if (settings.age_max < absl::ZeroDuration()) return Invalid("retention.max_age: right is 0 or more");
  if (settings.bytes_max < 0) return Invalid("retention.max_bytes: right is 0 or more");
  if (settings.records_max < 0) return Invalid("retention.max_records: right is 0 or more");
  if (settings.event_bytes_max < 0 || settings.event_bytes_max > kBatchLimitMax) {
    return Invalid(absl::StrCat("max_event_bytes: right is 0 to ", kBatchLimitMax));
  }
  if (settings.batch_bytes_max < 0 || settings.batch_bytes_max > kBatchLimitMax) {
    return Invalid(absl::StrCat("max_batch_bytes: right is 0 to ", kBatchLimitMax));
  }
  if (settings.default_durability > durability_max) {
    return Error(absl::StatusCode::kFailedPrecondition, "DURABILITY_UNSUPPORTED",
                 "default_durability: the engine does not reach it");
  }
  return absl::OkStatus();
}

}  // namespace eventlog
