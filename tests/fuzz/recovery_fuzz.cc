// Opening whatever folder: no crash, no endless work, nothing served that no whole batch of the folder holds, and what
// is appended and acknowledged after the opening is there after the next one, also when the power goes.

#include <algorithm>
#include <cstdint>
#include <map>
#include <memory>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/strings/string_view.h"
#include "absl/time/time.h"
#include "eventlog-svc/storage/batch_codec.h"
#include "eventlog-svc/storage/record_codec.h"
#include "eventlog-svc/storage/record_spans.h"
#include "eventlog-svc/storage/segment_format.h"
#include "eventlog-svc/storage/segment_header.h"
#include "eventlog-svc/storage/segment_name.h"
#include "eventlog-svc/storage/segmented_log.h"
#include "glog/logging.h"
#include "tests/fuzz/input_reader.h"
#include "tests/fuzz/segment_script.h"
#include "tests/support/fake_file_system.h"

namespace eventlog {
namespace {

constexpr char kFolder[] = "/log";
constexpr uint64_t kSalt = 0x0123456789abcdef;
const SegmentedLogOptions kOptions{2048, 200, 2};
constexpr int kFilesMax = 6;
constexpr int kPagesMax = 4096;

// What may be served.
struct Stored {
  std::set<std::pair<int64_t, std::string>> records;  // as they lie in the files
  // Of batches that are whole and do not hold what they should, from there on where they do not. Only what wrote them
  // could be wrong: a page that takes such a batch whole does not look into it.
  std::set<int64_t> unsound;

  bool AllUnsound(int64_t begin, int64_t end) const {
    for (int64_t offset = begin; offset < end; ++offset) {
      if (unsound.count(offset) == 0) return false;
    }
    return true;
  }
};

std::string FileName(InputReader& script, int64_t base_offset) {
  static constexpr absl::string_view kSuffixes[] = {".log", ".log", ".log", ".index", ".synced", ".new", ".torn-56"};
  const uint8_t kind = script.U8() % 8;
  if (kind < 7) return SegmentFileName(base_offset, kSuffixes[kind]);
  std::string name(script.Bytes(script.U8() % 32));
  std::replace(name.begin(), name.end(), '/', '_');
  return name.empty() ? "_" : name;
}

void BuildFolder(InputReader& script, FakeFileSystem& files) {
  CHECK(files.CreateDirectories(kFolder).ok());
  CHECK(files.SyncDirectory("/").ok());
  for (int i = script.U8() % (kFilesMax + 1); i > 0; --i) {
    const int64_t base_offset = script.Offset() & INT64_MAX;
    const std::string name = FileName(script, base_offset);
    std::string content;
    switch (script.U8() % 4) {
      case 0:
        content = BuildSegment(script, {kSalt, base_offset});
        break;
      case 1:
        content = BuildIndex(script, {kSalt, base_offset});
        break;
      case 2:
        content = BuildSyncedMark(script, kSalt);
        break;
      default:
        content = std::string(script.Run());
    }
    files.SetContent(absl::StrCat(kFolder, "/", name), content);
  }
}

// The salt of the log, which its newest segment names.
uint64_t SaltOf(FakeFileSystem& files, const std::vector<std::string>& names) {
  for (auto name = names.rbegin(); name != names.rend(); ++name) {
    if (!ParseSegmentFileName(*name, kSegmentSuffix).has_value()) continue;
    const auto file = files.Open(absl::StrCat(kFolder, "/", *name), OpenMode::kRead);
    CHECK(file.ok());
    const absl::StatusOr<SegmentHeader> header = ReadSegmentHeader(**file, *name);
    return header.ok() ? header->salt : 0;
  }
  return 0;
}

// Every record of every whole batch at any place of any segment. Needs no scanner: it tries each position.
Stored StoredIn(FakeFileSystem& files) {
  Stored stored;
  const std::vector<std::string> names = *files.List(kFolder);
  const uint64_t salt = SaltOf(files, names);
  for (const std::string& name : names) {
    const std::optional<int64_t> base_offset = ParseSegmentFileName(name, kSegmentSuffix);
    if (!base_offset.has_value()) continue;
    const std::string content = files.Content(absl::StrCat(kFolder, "/", name));
    for (size_t at = content.find("EVBT"); at != std::string::npos; at = content.find("EVBT", at + 1)) {
      BatchHeader header;
      absl::string_view run;
      const absl::string_view bytes = absl::string_view(content).substr(at);
      if (DecodeBatch(bytes, {salt, *base_offset}, static_cast<int64_t>(at), header, run) != BatchDecoding::kWhole) {
        continue;
      }
      int64_t offset = header.base_offset;
      RecordView record;
      while (offset < header.next_offset() && ConsumeRecord(run, record) && record.offset == offset) {
        stored.records.emplace(offset++, record.field);
      }
      while (offset < header.next_offset()) stored.unsound.insert(offset++);
    }
  }
  return stored;
}

// Reads all in steps of `records_max`, holds each page against what a page may be, and gives what was served.
std::map<int64_t, std::string> Scan(const SegmentedLog& log, const Stored& stored, Direction direction,
                                    int64_t records_max) {
  std::map<int64_t, std::string> served;
  const LogBounds bounds = log.size().bounds;
  CHECK(bounds.start_offset >= 0 && bounds.start_offset <= bounds.head_offset);
  const bool forward = direction == Direction::kForward;
  ReadOptions options{forward ? bounds.start_offset : bounds.head_offset, direction, records_max, 300};
  const int64_t end = forward ? bounds.head_offset : bounds.start_offset;
  for (int pages = 0; options.from != end; ++pages) {
    CHECK_LT(pages, kPagesMax) << "the scan does not end";
    const absl::StatusOr<RecordPage> page = log.Read(options);
    CHECK(page.ok()) << page.status();
    const int64_t low = std::min(options.from, page->next_offset), high = std::max(options.from, page->next_offset);
    CHECK(forward ? page->next_offset > options.from : page->next_offset < options.from)
        << "the scan stands still, or turns, at " << options.from << (forward ? " forward" : " backward");
    CHECK(low >= bounds.start_offset && high <= bounds.head_offset) << "the scan leaves the log";
    CHECK(page->gap.has_value() != !page->empty()) << "a page of nothing, or of both";
    if (page->gap.has_value()) {
      CHECK(page->gap->start_offset == low && page->gap->next_offset == high) << "a gap of other offsets";
    } else {
      CHECK(page->record_count() == high - low) << "offsets are left out";
    }
    int64_t offset = low;
    for (const RecordSpan& span : SpansOf(*page)) {
      CHECK(span.offset >= offset && stored.AllUnsound(offset, span.offset))
          << span.offset << " is served instead of " << offset;
      offset = span.offset + 1;
      served.emplace(span.offset, page->wire.substr(span.position, span.size));
    }
    CHECK(page->gap.has_value() || stored.AllUnsound(offset, high)) << "records from " << offset << " on are left out";
    options.from = page->next_offset;
  }
  return served;
}

void CheckServed(const SegmentedLog& log, const Stored& stored, int64_t records_max) {
  for (const Direction direction : {Direction::kForward, Direction::kBackward}) {
    for (const auto& record : Scan(log, stored, direction, records_max)) {
      CHECK(stored.records.count(record) == 1)
          << "no whole batch holds what is served " << (direction == Direction::kForward ? "forward" : "backward");
    }
  }
  for (const int64_t seconds : {int64_t{0}, int64_t{1'700'000'003}, int64_t{1} << 40}) {
    const absl::StatusOr<int64_t> offset = log.OffsetAt(absl::FromUnixSeconds(seconds));
    CHECK(offset.ok()) << offset.status();
    CHECK(*offset >= log.size().bounds.start_offset && *offset <= log.size().bounds.head_offset);
  }
}

absl::StatusOr<std::unique_ptr<SegmentedLog>> Open(FakeFileSystem& files) {
  int64_t next_offset = 0;
  const RecoveryVisitor visitor{[](absl::string_view) { return absl::OkStatus(); },
                                [&](const BatchHeader& header, absl::string_view) {
                                  CHECK_GE(header.base_offset, next_offset) << "recovery shows batches out of order";
                                  next_offset = header.next_offset();
                                  return absl::OkStatus();
                                }};
  return SegmentedLog::Open(files, kFolder, kOptions, visitor);
}

// Appends, syncs and publishes as the committing thread does; notes what was acknowledged.
void AppendSome(InputReader& script, SegmentedLog& log, std::map<int64_t, std::string>& acknowledged) {
  for (int left = script.U8() % 5; left > 0; --left) {
    BatchHeader header;
    header.base_offset = log.next_offset();
    header.synced_offset = log.next_offset();
    header.append_time = std::max(log.last_append_time(), absl::FromUnixSeconds(1'800'000'000));
    EventList events;
    for (int count = 1 + script.U8() % 3; count > 0; --count) events.Add(std::string(script.U8(), 'x'), false);
    EncodedBatch batch = EncodeBatch(header, events);
    if (log.WantsRoll(batch.bytes.size(), 0)) CHECK(log.Roll("state").ok());
    CHECK(log.Append({&batch, 1}).ok());
    CHECK(log.Sync().ok());
    log.Publish();
    absl::string_view run = absl::string_view(batch.bytes).substr(kBatchHeaderBytes);
    RecordView record;
    while (ConsumeRecord(run, record)) acknowledged.emplace(record.offset, record.field);
  }
}

void CheckKept(const SegmentedLog& log, const std::map<int64_t, std::string>& acknowledged) {
  for (const auto& [offset, field] : acknowledged) {
    const absl::StatusOr<RecordPage> page = log.Read({offset, Direction::kForward, 1, 1 << 20});
    CHECK(page.ok()) << page.status();
    CHECK(page->record_count() == 1 && page->runs[0].base_offset == offset && page->wire == field)
        << "what was acknowledged at " << offset << " is not there any more";
  }
}

// One life of the log. False when it does not open, which must be seen in its first.
bool Live(InputReader& script, bool first, FakeFileSystem& files, Stored& stored,
          std::map<int64_t, std::string>& acknowledged) {
  const absl::StatusOr<std::unique_ptr<SegmentedLog>> opened = Open(files);
  if (!opened.ok()) {
    CHECK(first && absl::IsDataLoss(opened.status())) << opened.status();
    return false;
  }
  SegmentedLog& log = **opened;
  if (!acknowledged.empty()) CHECK_GT(log.size().bounds.head_offset, acknowledged.rbegin()->first);
  CheckKept(log, acknowledged);
  CheckServed(log, stored, 1 + script.U8() % 8);
  AppendSome(script, log, acknowledged);
  stored.records.insert(acknowledged.begin(), acknowledged.end());
  for (const auto& [offset, field] : acknowledged) stored.unsound.erase(offset);
  CheckKept(log, acknowledged);
  if (script.U8() % 2 == 0) log.Close();
  return true;
}

void Run(InputReader script) {
  FakeFileSystem files;
  BuildFolder(script, files);
  Stored stored = StoredIn(files);
  std::map<int64_t, std::string> acknowledged;
  for (int life = 0; life < 3; ++life) {
    if (!Live(script, life == 0, files, stored, acknowledged)) return;
    const uint8_t power_cut = script.U8();
    if (power_cut % 2 == 1) files.Restart(power_cut / 2);
  }
}

}  // namespace
}  // namespace eventlog

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  FLAGS_minloglevel = google::GLOG_FATAL;
  eventlog::Run({data, size});
  return 0;
}
