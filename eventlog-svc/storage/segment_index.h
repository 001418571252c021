// A sparse index of one segment: where some of its batches begin, by offset and by append time.

#ifndef EVENTLOG_SVC_STORAGE_SEGMENT_INDEX_H_
#define EVENTLOG_SVC_STORAGE_SEGMENT_INDEX_H_

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "absl/strings/string_view.h"
#include "absl/time/time.h"
#include "eventlog-svc/storage/batch_codec.h"

namespace eventlog {

// What is known of a segment's content besides the entries.
struct SegmentExtent {
  int64_t end_position = 0;  // behind the last whole batch
  int64_t next_offset = 0;   // behind the last record
  int64_t record_count = 0;
  absl::Time last_append_time;
};

// Not thread safe.
class SegmentIndex {
 public:
  struct Entry {
    int64_t offset = 0;  // the base offset of the batch
    absl::Time append_time;
    int64_t position = 0;
  };

  explicit SegmentIndex(int64_t interval_bytes) : interval_bytes_(interval_bytes) {}

  // Takes note of a batch; in the order of the file. State batches are passed over.
  void Add(const BatchHeader& header, int64_t position);
  void Clear() { std::vector<Entry>().swap(entries_); }  // its memory too
  // The last entry whose offset is at most `offset`; nothing when all are above.
  std::optional<Entry> FindOffset(int64_t offset) const;
  // The last entry whose append time is before `time`; nothing when none is.
  std::optional<Entry> FindTime(absl::Time time) const;
  const std::vector<Entry>& entries() const { return entries_; }

  // The stored form, with the extent that it was made for and a checksum, which is that of this segment alone.
  std::string Encode(const BatchSeal& seal, const SegmentExtent& extent) const;
  // False when the bytes are not a whole index of this segment, of entries that rise and lie within its extent; then
  // the index must be built anew.
  bool Decode(const BatchSeal& seal, absl::string_view bytes, SegmentExtent& extent);

 private:
  const int64_t interval_bytes_;
  std::vector<Entry> entries_;
};

}  // namespace eventlog

#endif  // EVENTLOG_SVC_STORAGE_SEGMENT_INDEX_H_
