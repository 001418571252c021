#include "eventlog-svc/storage/segment_index.h"

#include <algorithm>

#include "eventlog-svc/storage/crc32c.h"
#include "eventlog-svc/storage/little_endian.h"
#include "eventlog-svc/storage/segment_format.h"

namespace eventlog {
namespace {

// Positions; FORMAT.md has the table.
constexpr size_t kMagicAt = 0;
constexpr size_t kChecksumAt = 4;
constexpr size_t kCountAt = 8;
constexpr size_t kEndPositionAt = 16;
constexpr size_t kNextOffsetAt = 24;
constexpr size_t kRecordCountAt = 32;
constexpr size_t kLastTimeAt = 40;

// Of the segment too: a sound index of another one would lead readers past what is there.
uint32_t Checksum(const BatchSeal& seal, absl::string_view bytes) {
  char place[2 * sizeof(uint64_t)];
  StoreLittleEndian<uint64_t>(seal.salt, place);
  StoreLittleEndian<int64_t>(seal.segment_offset, place + sizeof(uint64_t));
  return Crc32c(bytes.substr(kCountAt), Crc32c(absl::string_view(place, sizeof(place))));
}

}  // namespace

void SegmentIndex::Add(const BatchHeader& header, int64_t position) {
  if (header.count == 0) return;
  if (!entries_.empty() && position - entries_.back().position < interval_bytes_) return;
  entries_.push_back({header.base_offset, header.append_time, position});
}

std::optional<SegmentIndex::Entry> SegmentIndex::FindOffset(int64_t offset) const {
  const auto after = std::upper_bound(entries_.begin(), entries_.end(), offset,
                                      [](int64_t wanted, const Entry& entry) { return wanted < entry.offset; });
  if (after == entries_.begin()) return std::nullopt;
  return *(after - 1);
}

std::optional<SegmentIndex::Entry> SegmentIndex::FindTime(absl::Time time) const {
  const auto after = std::lower_bound(entries_.begin(), entries_.end(), time,
                                      [](const Entry& entry, absl::Time wanted) { return entry.append_time < wanted; });
  if (after == entries_.begin()) return std::nullopt;
  return *(after - 1);
}

std::string SegmentIndex::Encode(const BatchSeal& seal, const SegmentExtent& extent) const {
  std::string bytes(kIndexHeaderBytes + entries_.size() * kIndexEntryBytes, '\0');
  char* out = bytes.data();
  StoreLittleEndian<uint32_t>(kIndexMagic, out + kMagicAt);
  StoreLittleEndian<uint64_t>(entries_.size(), out + kCountAt);
  StoreLittleEndian<int64_t>(extent.end_position, out + kEndPositionAt);
  StoreLittleEndian<int64_t>(extent.next_offset, out + kNextOffsetAt);
  StoreLittleEndian<int64_t>(extent.record_count, out + kRecordCountAt);
  StoreLittleEndian<int64_t>(absl::ToUnixNanos(extent.last_append_time), out + kLastTimeAt);
  out += kIndexHeaderBytes;
  for (const Entry& entry : entries_) {
    StoreLittleEndian<int64_t>(entry.offset, out);
    StoreLittleEndian<int64_t>(absl::ToUnixNanos(entry.append_time), out + 8);
    StoreLittleEndian<int64_t>(entry.position, out + 16);
    out += kIndexEntryBytes;
  }
  StoreLittleEndian<uint32_t>(Checksum(seal, bytes), bytes.data() + kChecksumAt);
  return bytes;
}

bool SegmentIndex::Decode(const BatchSeal& seal, absl::string_view bytes, SegmentExtent& extent) {
  if (bytes.size() < kIndexHeaderBytes) return false;
  const char* in = bytes.data();
  if (LoadLittleEndian<uint32_t>(in + kMagicAt) != kIndexMagic ||
      LoadLittleEndian<uint32_t>(in + kChecksumAt) != Checksum(seal, bytes) ||
      (bytes.size() - kIndexHeaderBytes) % kIndexEntryBytes != 0 ||
      LoadLittleEndian<uint64_t>(in + kCountAt) != (bytes.size() - kIndexHeaderBytes) / kIndexEntryBytes) {
    return false;
  }
  extent.end_position = LoadLittleEndian<int64_t>(in + kEndPositionAt);
  extent.next_offset = LoadLittleEndian<int64_t>(in + kNextOffsetAt);
  extent.record_count = LoadLittleEndian<int64_t>(in + kRecordCountAt);
  extent.last_append_time = absl::FromUnixNanos(LoadLittleEndian<int64_t>(in + kLastTimeAt));
  entries_.clear();
  for (in += kIndexHeaderBytes; in < bytes.data() + bytes.size(); in += kIndexEntryBytes) {
    const Entry entry{LoadLittleEndian<int64_t>(in), absl::FromUnixNanos(LoadLittleEndian<int64_t>(in + 8)),
                      LoadLittleEndian<int64_t>(in + 16)};
    const bool rises = entries_.empty()
                           ? entry.offset >= 0 && entry.position >= 0
                           : entry.offset > entries_.back().offset && entry.position > entries_.back().position;
    if (!rises || entry.offset >= extent.next_offset || entry.position >= extent.end_position) return false;
    entries_.push_back(entry);
  }
  return extent.next_offset <= kOffsetMax;
}

}  // namespace eventlog
