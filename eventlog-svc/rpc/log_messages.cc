#include "eventlog-svc/rpc/log_messages.h"

#include <cstdint>
#include <limits>

#include "absl/strings/str_cat.h"
#include "absl/time/time.h"
#include "eventlog-svc/engine/error.h"
#include "eventlog-svc/rpc/refusals.h"
#include "eventlog-svc/rpc/wire_messages.h"

namespace eventlog {
namespace {

constexpr int64_t kNanosPerSecond = 1'000'000'000;
// It is stored as nanoseconds.
constexpr int64_t kAgeSecondsMax = std::numeric_limits<int64_t>::max() / kNanosPerSecond - 1;
// More of a path is not repeated in the error.
constexpr size_t kPathBytesMax = 80;

absl::StatusOr<absl::Duration> ToAge(const google::protobuf::Duration& age) {
  const bool good =
      age.seconds() >= 0 && age.seconds() <= kAgeSecondsMax && age.nanos() >= 0 && age.nanos() < kNanosPerSecond;
  if (good) return absl::Seconds(age.seconds()) + absl::Nanoseconds(age.nanos());
  return InvalidField("LOG_INVALID", "retention.max_age",
                      absl::StrCat(age.seconds(), " s and ", age.nanos(), " ns; right is 0 to ", kAgeSecondsMax, " s"));
}

// Copies what `path` names; false when it names no setting.
bool CopySetting(const std::string& path, const LogSettings& from, LogSettings& to) {
  const bool retention = path == "retention";
  const auto names = [&](const char* setting) { return path == setting; };
  bool known = retention;
  const auto copy = [&](bool named, auto LogSettings::*setting) {
    if (named) to.*setting = from.*setting;
    known = known || named;
  };
  copy(retention || names("retention.max_age"), &LogSettings::age_max);
  copy(retention || names("retention.max_bytes"), &LogSettings::bytes_max);
  copy(retention || names("retention.max_records"), &LogSettings::records_max);
  copy(retention || names("retention.keep_for_cursors"), &LogSettings::keep_for_cursors);
  copy(names("max_event_bytes"), &LogSettings::event_bytes_max);
  copy(names("max_batch_bytes"), &LogSettings::batch_bytes_max);
  copy(names("default_durability"), &LogSettings::default_durability);
  return known;
}

void SetRetention(const LogSettings& settings, v1::Log& out) {
  const bool keeps_all = settings.age_max == absl::ZeroDuration() && settings.bytes_max == 0 &&
                         settings.records_max == 0 && !settings.keep_for_cursors;
  if (keeps_all) return;
  v1::Retention& retention = *out.mutable_retention();
  if (settings.age_max > absl::ZeroDuration()) *retention.mutable_max_age() = ToProtoDuration(settings.age_max);
  retention.set_max_bytes(settings.bytes_max);
  retention.set_max_records(settings.records_max);
  retention.set_keep_for_cursors(settings.keep_for_cursors);
}

}  // namespace

v1::Cursor ToProtoCursor(const std::string& log, const Cursor& cursor) {
  v1::Cursor out;
  out.set_log(log);
  out.set_cursor(cursor.name);
  out.set_next_offset(cursor.next_offset);
  out.set_generation(cursor.generation);
  *out.mutable_commit_time() = ToProtoTime(cursor.commit_time);
  return out;
}

v1::Log ToProtoLog(const Log& log, const Engine& engine) {
  const LogSettings settings = log.settings();
  const Capabilities& capabilities = engine.capabilities();
  v1::Log out;
  out.set_log(log.name());
  SetRetention(settings, out);
  out.set_max_event_bytes(settings.event_bytes_max);
  out.set_max_batch_bytes(settings.batch_bytes_max);
  out.set_default_durability(static_cast<v1::Durability>(settings.default_durability));
  *out.mutable_create_time() = ToProtoTime(settings.create_time);
  out.set_engine(std::string(engine.name()));
  out.mutable_capabilities()->set_max_durability(static_cast<v1::Durability>(capabilities.durability_max));
  out.mutable_capabilities()->set_compare_and_append(capabilities.compare_and_append);
  out.mutable_capabilities()->set_producer_sequences(capabilities.producer_sequences);
  out.mutable_capabilities()->set_survives_restart(capabilities.survives_restart);
  out.set_epoch(log.epoch());
  return out;
}

absl::StatusOr<LogSettings> ToLogSettings(const v1::Log& log) {
  LogSettings settings;
  const absl::StatusOr<absl::Duration> age = ToAge(log.retention().max_age());
  if (!age.ok()) return age.status();
  settings.age_max = *age;
  settings.bytes_max = log.retention().max_bytes();
  settings.records_max = log.retention().max_records();
  settings.keep_for_cursors = log.retention().keep_for_cursors();
  settings.event_bytes_max = log.max_event_bytes();
  settings.batch_bytes_max = log.max_batch_bytes();
  if (!v1::Durability_IsValid(log.default_durability())) {
    return Error(absl::StatusCode::kFailedPrecondition, "DURABILITY_UNSUPPORTED",
                 absl::StrCat("default_durability: ", static_cast<int>(log.default_durability()),
                              " is not known to this version"),
                 {{"field", "default_durability"}});
  }
  settings.default_durability = static_cast<Durability>(log.default_durability());
  return settings;
}

absl::StatusOr<LogSettings> MaskedSettings(LogSettings settings, const LogSettings& changes,
                                           const google::protobuf::FieldMask& mask) {
  for (const std::string& path : mask.paths()) {
    if (CopySetting(path, changes, settings)) continue;
    const std::string named = path.size() <= kPathBytesMax ? absl::StrCat("\"", path, "\"")
                                                           : absl::StrCat("a path of ", path.size(), " bytes");
    return InvalidField("LOG_INVALID", "update_mask",
                        absl::StrCat(named,
                                     " is no setting; right is retention or one of its fields "
                                     "(retention.max_age), max_event_bytes, max_batch_bytes, default_durability"));
  }
  return settings;
}

}  // namespace eventlog
