// What lies on the disk, decoded: whatever the bytes, no read beyond them, no endless scan, and only what was written
// as a whole is taken for whole.

#include <algorithm>
#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "absl/strings/string_view.h"
#include "eventlog-svc/storage/batch_codec.h"
#include "eventlog-svc/storage/batch_scanner.h"
#include "eventlog-svc/storage/record_codec.h"
#include "eventlog-svc/storage/segment_header.h"
#include "eventlog-svc/storage/segment_index.h"
#include "eventlog-svc/storage/segment_name.h"
#include "eventlog-svc/storage/synced_mark.h"
#include "glog/logging.h"
#include "tests/fuzz/input_reader.h"
#include "tests/fuzz/segment_script.h"
#include "tests/support/fake_file_system.h"

namespace eventlog {
namespace {

// Of a segment or in one: never negative, and far from where sums wrap.
int64_t AnyPlace(InputReader& input) { return std::clamp<int64_t>(input.Offset(), 0, INT64_MAX / 2); }

constexpr uint64_t kSalt = 0x0123456789abcdef;

std::unique_ptr<File> FileOf(FakeFileSystem& files, const std::string& content) {
  files.SetContent("/file", content);
  return *files.Open("/file", OpenMode::kRead);
}

void CheckRecords(absl::string_view run) {
  RecordView record;
  while (true) {
    const absl::string_view before = run;
    if (!ConsumeRecord(run, record)) {
      CHECK(run == before) << "a record that is none was taken off the run";
      return;
    }
    CHECK_EQ(record.field.data(), before.data());
    CHECK_EQ(record.field.size() + run.size(), before.size());
    CHECK(record.record.data() > record.field.data());
    CHECK_EQ(record.record.data() + record.record.size(), record.field.data() + record.field.size());
  }
}

void CheckVarint(absl::string_view in) {
  uint64_t value = 0;
  if (!ConsumeVarint(in, value)) return;
  std::string out;
  AppendVarint(value, out);
  absl::string_view again = out;
  uint64_t same = 0;
  CHECK(ConsumeVarint(again, same) && same == value && again.empty());
}

void CheckBatch(InputReader input) {
  const BatchSeal seal{kSalt, AnyPlace(input)};
  const int64_t position = AnyPlace(input);
  const size_t flip = input.U16();
  std::string bytes = input.U8() % 2 == 0 ? std::string(input.rest()) : BuildBatches(input, seal, position);
  BatchHeader header;
  absl::string_view records;
  const BatchDecoding decoding = DecodeBatch(bytes, seal, position, header, records);
  if (decoding == BatchDecoding::kIncomplete) CHECK(header.length == 0 || header.length > bytes.size());
  if (decoding != BatchDecoding::kWhole) return;
  CHECK_LE(header.length, bytes.size());
  CHECK_EQ(records.data() + records.size(), bytes.data() + header.length);
  CheckRecords(records);
  // One bit, or one place, or one log off: no batch.
  BatchHeader other;
  CHECK(DecodeBatch(bytes, {kSalt + 1, seal.segment_offset}, position, other, records) != BatchDecoding::kWhole);
  CHECK(DecodeBatch(bytes, seal, position ^ 1, other, records) != BatchDecoding::kWhole);
  bytes[flip / 8 % header.length] ^= static_cast<char>(1 << flip % 8);
  CHECK(DecodeBatch(bytes, seal, position, other, records) != BatchDecoding::kWhole) << "a flipped bit is not noticed";
}

struct Found {
  int64_t position;
  int64_t base_offset;
  bool operator==(const Found& other) const { return position == other.position && base_offset == other.base_offset; }
};

std::vector<Found> Scan(const File& file, absl::string_view content, const BatchSeal& seal, size_t chunk_bytes) {
  std::vector<Found> found;
  BatchScanner scanner(file, seal, {0, seal.segment_offset, static_cast<int64_t>(content.size())}, chunk_bytes);
  int64_t position = 0, next_offset = seal.segment_offset;
  while (true) {
    const BatchScanner::Step step = *scanner.Next();
    if (step == BatchScanner::Step::kEnd) return found;
    if (step == BatchScanner::Step::kBad) {
      position = scanner.position();
      const bool more = *scanner.SkipDamage();
      CHECK_GT(scanner.position(), position) << "the scan stands still";
      CHECK(more || scanner.position() == static_cast<int64_t>(content.size()));
      continue;
    }
    CHECK_GE(scanner.batch_position(), position);
    CHECK_GE(scanner.header().base_offset, next_offset) << "offsets fall";
    CHECK_GE(scanner.header().next_offset(), scanner.header().base_offset);  // a state batch has no records
    BatchHeader header;
    absl::string_view records;
    const size_t at = static_cast<size_t>(scanner.batch_position());
    CHECK(DecodeBatch(content.substr(at), seal, scanner.batch_position(), header, records) == BatchDecoding::kWhole);
    CHECK(records == scanner.records());
    found.push_back({scanner.batch_position(), header.base_offset});
    position = scanner.position();
    next_offset = header.next_offset();
  }
}

void CheckScan(InputReader input) {
  const BatchSeal seal{kSalt, AnyPlace(input)};
  const std::string content = BuildSegment(input, seal);
  FakeFileSystem files;
  const std::unique_ptr<File> file = FileOf(files, content);
  const std::vector<Found> found = Scan(*file, content, seal, 256 * 1024);
  CHECK(Scan(*file, content, seal, 65) == found) << "what is found depends on the buffer";
}

void CheckHeader(InputReader input) {
  const std::string content =
      input.U8() % 2 == 0 ? std::string(input.rest()) : BuildSegment(input, {kSalt, AnyPlace(input)});
  FakeFileSystem files;
  const auto header = ReadSegmentHeader(*FileOf(files, content), "file");
  if (!header.ok()) return;
  CHECK(EncodeSegmentHeader(*header) == content.substr(0, static_cast<size_t>(header->size())));
}

void CheckIndex(InputReader input) {
  const BatchSeal seal{kSalt, 0};
  const std::string content = input.U8() % 2 == 0 ? std::string(input.rest()) : BuildIndex(input, seal);
  SegmentIndex index(200);
  SegmentExtent extent;
  if (!index.Decode(seal, content, extent)) return;
  CHECK(index.Encode(seal, extent) == content) << "what Encode did not write was decoded";
  int64_t position = -1;
  for (const SegmentIndex::Entry& entry : index.entries()) {
    CHECK(entry.position > position && entry.position < extent.end_position) << "an entry leads out of the segment";
    CHECK(entry.offset >= 0 && entry.offset < extent.next_offset);
    CHECK_EQ(index.FindOffset(entry.offset)->offset, entry.offset);
    position = entry.position;
  }
}

void CheckSyncedMark(InputReader input) {
  const BatchSeal seal{kSalt, 7};
  FakeFileSystem files;
  CHECK(files.CreateDirectories("/log").ok());
  const std::string content = input.U8() % 2 == 0 ? std::string(input.rest()) : BuildSyncedMark(input, kSalt);
  files.SetContent("/log/" + SegmentFileName(7, kSyncedSuffix), content);
  const SyncedMark mark = ReadSyncedMark(files, "/log", seal);
  CHECK(mark.position >= 0 && mark.next_offset >= 0);
  CHECK(WriteSyncedMark(files, "/log", seal, mark).ok());
  const SyncedMark again = ReadSyncedMark(files, "/log", seal);
  CHECK(again.position == mark.position && again.next_offset == mark.next_offset);
}

void CheckName(absl::string_view name) {
  for (const absl::string_view suffix : {kSegmentSuffix, kIndexSuffix}) {
    const std::optional<int64_t> base = ParseSegmentFileName(name, suffix);
    if (base.has_value()) CHECK_EQ(SegmentFileName(*base, suffix), name);
  }
}

}  // namespace
}  // namespace eventlog

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  eventlog::InputReader input(data, size);
  switch (input.U8() % 7) {
    case 0:
      eventlog::CheckBatch(input);
      break;
    case 1:
      eventlog::CheckScan(input);
      break;
    case 2:
      eventlog::CheckHeader(input);
      break;
    case 3:
      eventlog::CheckIndex(input);
      break;
    case 4:
      eventlog::CheckSyncedMark(input);
      break;
    case 5:
      eventlog::CheckName(input.rest());
      break;
    default:
      eventlog::CheckRecords(input.rest());
      eventlog::CheckVarint(input.rest());
      break;
  }
  return 0;
}
