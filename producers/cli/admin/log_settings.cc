#include "producers/cli/admin/log_settings.h"

#include <cstdint>

#include "absl/status/statusor.h"
#include "absl/strings/ascii.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"
#include "absl/time/time.h"
#include "producers/cli/harmless_text.h"
#include "producers/cli/human_units.h"
#include "producers/cli/message_json.h"
#include "producers/cli/text_table.h"

namespace eventlog {
namespace {

constexpr char kBest[] = "best";

absl::Status InFlag(absl::string_view flag, const absl::Status& status) {
  return absl::InvalidArgumentError(absl::StrCat("--", flag, ": ", status.message()));
}

absl::Status ReadMaxAge(const CommandLine& line, v1::Log& log) {
  const absl::StatusOr<absl::Duration> age = ParseDuration(line.Get("max_age"));
  if (!age.ok()) return InFlag("max_age", age.status());
  google::protobuf::Duration& out = *log.mutable_retention()->mutable_max_age();
  absl::Duration rest;
  out.set_seconds(absl::IDivDuration(*age, absl::Seconds(1), &rest));
  out.set_nanos(static_cast<int32_t>(absl::ToInt64Nanoseconds(rest)));
  return absl::OkStatus();
}

v1::Durability DurabilityOf(absl::string_view word) {
  v1::Durability durability = v1::DURABILITY_UNSPECIFIED;
  if (word != kBest) v1::Durability_Parse(absl::StrCat("DURABILITY_", absl::AsciiStrToUpper(word)), &durability);
  return durability;
}

std::string DurabilityText(v1::Durability durability) {
  if (durability == v1::DURABILITY_UNSPECIFIED) return kBest;
  const auto* const value = v1::Durability_descriptor()->FindValueByNumber(durability);
  return value == nullptr ? absl::StrCat(static_cast<int>(durability)) : absl::AsciiStrToLower(ShortEnumName(*value));
}

// "-" for what is not limited.
std::string AgeText(const v1::Retention& retention) {
  const google::protobuf::Duration& age = retention.max_age();
  if (age.seconds() == 0 && age.nanos() == 0) return "-";
  return DurationText(absl::Seconds(age.seconds()) + absl::Nanoseconds(age.nanos()));
}
std::string SizeText(int64_t bytes) { return bytes == 0 ? "-" : ByteSizeText(bytes); }
std::string CountText(int64_t count) { return count == 0 ? "-" : absl::StrCat(count); }

const char* YesOrNo(bool value) { return value ? "yes" : "no"; }

}  // namespace

const std::vector<FlagSpec>& LogSettingFlags() {
  static const auto* const flags = new std::vector<FlagSpec>{
      {"max_age", "DURATION", "remove records older than this: 90s, 12h, 7d; 0: whatever their age"},
      {"max_bytes", "SIZE", "remove the oldest segments while the log has more: 512MiB, 10GiB; 0: whatever its size"},
      {"max_records", "N", "remove the oldest records while the log has more; 0: however many"},
      {"keep_for_cursors", "", "remove nothing that a cursor of the log has not passed"},
      {"nokeep_for_cursors", "", "remove it whatever the cursors of the log have passed"},
      {"max_event_bytes", "SIZE", "of one event: 64KiB; 0: the service's limit"},
      {"max_batch_bytes", "SIZE", "of the events of one append: 1MiB; 0: 4 MiB"},
      {"default_durability", "memory|fsync|replicated|best", "of an append that asks for none; best: the engine's"},
  };
  return *flags;
}

absl::Status ReadLogSettings(const CommandLine& line, v1::Log& log, google::protobuf::FieldMask& mask) {
  if (line.Has("max_age")) {
    const absl::Status read = ReadMaxAge(line, log);
    if (!read.ok()) return read;
    mask.add_paths("retention.max_age");
  }
  const auto read_size = [&](const char* flag, const char* path, const auto& set) -> absl::Status {
    if (!line.Has(flag)) return absl::OkStatus();
    const absl::StatusOr<int64_t> size = ParseByteSize(line.Get(flag));
    if (!size.ok()) return InFlag(flag, size.status());
    set(*size);
    mask.add_paths(path);
    return absl::OkStatus();
  };
  for (const absl::Status& read :
       {read_size("max_bytes", "retention.max_bytes", [&](int64_t n) { log.mutable_retention()->set_max_bytes(n); }),
        read_size("max_event_bytes", "max_event_bytes", [&](int64_t n) { log.set_max_event_bytes(n); }),
        read_size("max_batch_bytes", "max_batch_bytes", [&](int64_t n) { log.set_max_batch_bytes(n); })}) {
    if (!read.ok()) return read;
  }
  if (line.Has("max_records")) {
    const absl::StatusOr<int64_t> count = line.GetNumber("max_records", 0, 0);
    if (!count.ok()) return count.status();
    log.mutable_retention()->set_max_records(*count);
    mask.add_paths("retention.max_records");
  }
  const bool keep = line.Has("keep_for_cursors");
  if (keep && line.Has("nokeep_for_cursors")) {
    return absl::InvalidArgumentError("--keep_for_cursors and --nokeep_for_cursors: right is one of them");
  }
  if (keep || line.Has("nokeep_for_cursors")) {
    log.mutable_retention()->set_keep_for_cursors(keep);
    mask.add_paths("retention.keep_for_cursors");
  }
  if (line.Has("default_durability")) {
    log.set_default_durability(DurabilityOf(line.Get("default_durability")));
    mask.add_paths("default_durability");
  }
  return absl::OkStatus();
}

std::string LogJson(const v1::Log& log) {
  v1::Log whole = log;
  whole.mutable_retention()->mutable_max_age();
  return MessageJson(whole);
}

std::string LogsText(const std::vector<v1::Log>& logs) {
  TextTable table({"LOG", "MAX_AGE>", "MAX_BYTES>", "MAX_RECORDS>", "FOR_CURSORS", "MAX_EVENT>", "MAX_BATCH>",
                   "DURABILITY", "CREATED"});
  for (const v1::Log& log : logs) {
    const v1::Retention& keeps = log.retention();
    table.Add({log.log(), AgeText(keeps), SizeText(keeps.max_bytes()), CountText(keeps.max_records()),
               YesOrNo(keeps.keep_for_cursors()), SizeText(log.max_event_bytes()), SizeText(log.max_batch_bytes()),
               DurabilityText(log.default_durability()), TimestampText(log.create_time())});
  }
  return table.Text();
}

std::string LogText(const v1::Log& log) {
  const v1::Retention& keeps = log.retention();
  const v1::Capabilities& can = log.capabilities();
  std::string text;
  for (const auto& [name, value] : std::vector<std::pair<const char*, std::string>>{
           {"log", log.log()},
           {"epoch", log.epoch()},
           {"create_time", TimestampText(log.create_time())},
           {"max_age", AgeText(keeps)},
           {"max_bytes", SizeText(keeps.max_bytes())},
           {"max_records", CountText(keeps.max_records())},
           {"keep_for_cursors", YesOrNo(keeps.keep_for_cursors())},
           {"max_event_bytes", SizeText(log.max_event_bytes())},
           {"max_batch_bytes", SizeText(log.max_batch_bytes())},
           {"default_durability", DurabilityText(log.default_durability())},
           {"engine", log.engine()},
           {"max_durability", DurabilityText(can.max_durability())},
           {"compare_and_append", YesOrNo(can.compare_and_append())},
           {"producer_sequences", YesOrNo(can.producer_sequences())},
           {"survives_restart", YesOrNo(can.survives_restart())}}) {
    absl::StrAppendFormat(&text, "%-19s %s\n", name, Harmless(value));
  }
  return text;
}

}  // namespace eventlog
