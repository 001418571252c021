#include "eventlog-svc/tool/log_dump.h"

#include <memory>
#include <optional>
#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"
#include "eventlog-svc/client/event_json.h"
#include "eventlog-svc/client/json_text.h"
#include "eventlog-svc/engine/log_state.h"
#include "eventlog-svc/storage/log_verifier.h"
#include "eventlog-svc/storage/record_codec.h"
#include "eventlog-svc/storage/stored_folder.h"
#include "proto/eventlog/v1/event.pb.h"

namespace eventlog {
namespace {

using Print = std::function<void(absl::string_view line)>;

void PrintRecords(absl::string_view run, const Print& print) {
  RecordView view;
  std::string line;
  v1::Record record;
  while (ConsumeRecord(run, view)) {
    line.clear();
    if (record.ParseFromArray(view.record.data(), static_cast<int>(view.record.size()))) {
      AppendEventJson(record, true, line);
    } else {
      line = absl::StrCat("{\"offset\":", view.offset, ",\"unreadable\":true}");
    }
    print(line);
  }
}

std::string StateLine(const LogState& state) {
  std::string line = absl::StrCat("{\"state\":{\"start_offset\":", state.start_offset(),
                                  ",\"producer_count\":", state.producers().size(), ",\"cursors\":[");
  const char* separator = "";
  for (const Cursor& cursor : state.cursors()) {
    absl::StrAppend(&line, separator, "{\"cursor\":");
    AppendJsonString(cursor.name, line);
    absl::StrAppend(&line, ",\"next_offset\":", cursor.next_offset, ",\"generation\":", cursor.generation, "}");
    separator = ",";
  }
  const LogSettings settings = state.settings();
  absl::StrAppend(&line, "],\"settings\":{\"max_age_ns\":", absl::ToInt64Nanoseconds(settings.age_max),
                  ",\"max_bytes\":", settings.bytes_max, ",\"max_records\":", settings.records_max,
                  ",\"keep_for_cursors\":", settings.keep_for_cursors ? "true" : "false",
                  ",\"max_event_bytes\":", settings.event_bytes_max);
  absl::StrAppend(&line, ",\"max_batch_bytes\":", settings.batch_bytes_max,
                  ",\"default_durability\":", static_cast<int>(settings.default_durability),
                  ",\"create_time_ns\":", absl::ToUnixNanos(settings.create_time), "}}}");
  return line;
}

}  // namespace

absl::Status DumpLog(FileSystem& file_system, const std::string& directory, const Print& print) {
  absl::StatusOr<std::vector<StoredSegment>> segments = FindStoredSegments(file_system, directory);
  if (!segments.ok()) return segments.status();
  if (segments->empty()) return absl::NotFoundError(absl::StrCat("there is no segment in ", directory));
  std::unique_ptr<LogState> state;
  LogVerifierOptions options;
  options.visitor.on_segment = [&](const StoredSegment& segment, const SegmentHeader* header) {
    print(absl::StrCat("{\"segment\":\"", segment.name, "\",\"base_offset\":", segment.base_offset,
                       ",\"header\":", header != nullptr ? "true" : "false", "}"));
    if (header == nullptr) return;
    auto restored = std::make_unique<LogState>(ProducerTableOptions(), LogSettings());
    if (restored->Restore(header->state).ok()) state = std::move(restored);
  };
  absl::Status replayed;
  options.visitor.on_batch = [&](const BatchHeader& header, absl::string_view body) {
    if (header.count > 0) PrintRecords(body, print);
    if (state != nullptr) replayed.Update(state->Replay(header, body));
  };
  options.visitor.on_gap = [&](const Gap& gap) {
    print(absl::StrCat("{\"gap\":{\"start_offset\":", gap.start_offset, ",\"next_offset\":", gap.next_offset, "}}"));
  };
  LogVerifier verifier(*std::move(segments), std::move(options));
  while (true) {
    const absl::StatusOr<std::optional<SegmentReport>> report = verifier.Next();
    if (!report.ok()) return report.status();
    if (!report->has_value()) break;
  }
  if (state != nullptr) print(StateLine(*state));
  return replayed;
}

}  // namespace eventlog
