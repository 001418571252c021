#include "eventlog-svc/rpc/event_validator.h"

#include "absl/strings/escaping.h"
#include "absl/strings/str_cat.h"
#include "eventlog-svc/engine/error.h"
#include "google/protobuf/util/time_util.h"

namespace eventlog {
namespace {

using google::protobuf::util::TimeUtil;

constexpr size_t kAttributesMax = 64;
constexpr size_t kAttributeKeyBytesMax = 64;

absl::Status Invalid(const std::string& where, absl::string_view what) {
  return Error(absl::StatusCode::kInvalidArgument, "EVENT_INVALID", absl::StrCat(where, ": ", what),
               {{"field", where}});
}

absl::Status CheckName(const std::string& name, const std::string& where, size_t bytes_max) {
  if (name.size() > bytes_max) return Invalid(where, absl::StrCat(name.size(), " bytes; at most ", bytes_max));
  const absl::Status valid = ValidateName(name);
  return valid.ok() ? valid : Invalid(where, valid.message());
}

absl::Status CheckAttributes(const v1::Event& event, const std::string& where) {
  const size_t count = static_cast<size_t>(event.attributes_size());
  if (count > kAttributesMax) {
    return Invalid(where + ".attributes", absl::StrCat(count, " attributes; at most ", kAttributesMax));
  }
  for (const auto& [key, value] : event.attributes()) {
    if (!IsAttributeKey(key)) {
      return Invalid(where + ".attributes",
                     absl::StrCat("the key \"", absl::CHexEscape(key.substr(0, kAttributeKeyBytesMax)),
                                  "\"; right is 1 to ", kAttributeKeyBytesMax, " bytes of a-z, 0-9, '_', '.', '-'"));
    }
    if (value.size() > kAttributeValueBytesMax) {
      return Invalid(where + ".attributes." + key,
                     absl::StrCat(value.size(), " bytes; at most ", kAttributeValueBytesMax));
    }
  }
  return absl::OkStatus();
}

}  // namespace

absl::Status ValidateTime(const google::protobuf::Timestamp& time) {
  if (time.seconds() >= TimeUtil::kTimestampMinSeconds && time.seconds() <= TimeUtil::kTimestampMaxSeconds &&
      time.nanos() >= 0 && time.nanos() <= kTimeNanosMax) {
    return absl::OkStatus();
  }
  return absl::InvalidArgumentError("outside of the years 1 to 9999, or nanos outside of 0 to 999999999");
}

absl::Status ValidateName(absl::string_view name) {
  for (size_t i = 0; i < name.size(); ++i) {
    const auto byte = static_cast<unsigned char>(name[i]);
    // C0, DEL, and in UTF-8 (C2 80 to C2 9F) C1.
    const bool c1 = byte == 0xC2 && i + 1 < name.size() && static_cast<unsigned char>(name[i + 1]) < 0xA0;
    if (byte < 0x20 || byte == 0x7F || c1) return absl::InvalidArgumentError("it has a control character");
  }
  return absl::OkStatus();
}

bool IsAttributeKey(absl::string_view key) {
  for (const char c : key) {
    const bool allowed = (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '_' || c == '.' || c == '-';
    if (!allowed) return false;
  }
  return !key.empty() && key.size() <= kAttributeKeyBytesMax;
}

absl::Status CheckEventSize(size_t bytes, const std::string& where, int64_t event_bytes_max) {
  if (static_cast<int64_t>(bytes) <= event_bytes_max) return absl::OkStatus();
  return Error(absl::StatusCode::kInvalidArgument, "EVENT_TOO_LARGE",
               absl::StrCat(where, ": ", bytes, " bytes; at most ", event_bytes_max),
               {{"field", where}, {"bytes", absl::StrCat(bytes)}, {"bytes_max", absl::StrCat(event_bytes_max)}});
}

absl::Status ValidateEvent(const v1::Event& event, const std::string& where, int64_t event_bytes_max) {
  const absl::Status size = CheckEventSize(event.ByteSizeLong(), where, event_bytes_max);
  if (!size.ok()) return size;
  if (event.type().empty()) {
    return Invalid(where + ".type", "empty; right is a dotted name of 1 to 255 bytes, as \"session.created\"");
  }
  absl::Status status = event.has_time() ? ValidateTime(event.time()) : absl::OkStatus();
  if (!status.ok()) return Invalid(where + ".time", status.message());
  status = CheckName(event.type(), where + ".type", kTypeBytesMax);
  if (status.ok()) status = CheckName(event.id(), where + ".id", kNameBytesMax);
  if (status.ok()) status = CheckName(event.source(), where + ".source", kNameBytesMax);
  if (status.ok()) status = CheckName(event.subject(), where + ".subject", kNameBytesMax);
  if (status.ok()) status = CheckName(event.data_content_type(), where + ".data_content_type", kNameBytesMax);
  if (status.ok()) status = CheckAttributes(event, where);
  return status;
}

}  // namespace eventlog
