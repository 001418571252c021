// The segments of a log and its size, as readers see them while the writer adds, closes and removes segments.

#ifndef EVENTLOG_SVC_STORAGE_SEGMENT_LIST_H_
#define EVENTLOG_SVC_STORAGE_SEGMENT_LIST_H_

#include <cstdint>
#include <memory>
#include <optional>
#include <vector>

#include "absl/base/thread_annotations.h"
#include "absl/container/flat_hash_map.h"
#include "absl/synchronization/mutex.h"
#include "absl/time/time.h"
#include "absl/types/span.h"
#include "eventlog-svc/engine/log.h"
#include "eventlog-svc/storage/batch_codec.h"
#include "eventlog-svc/storage/segment.h"

namespace eventlog {

// Thread safe; changed by the writer's thread only.
class SegmentList {
 public:
  using Segments = std::vector<std::shared_ptr<Segment>>;
  struct Snapshot {
    std::shared_ptr<const Segments> segments;  // oldest first; the last one is the active one
    LogSize size;
  };

  SegmentList() : segments_(std::make_shared<Segments>()) {}

  // Opening: closed segments oldest first, each with its bytes, then the active one.
  void AddClosed(std::shared_ptr<Segment> segment, int64_t bytes);
  void AddActive(std::shared_ptr<Segment> segment, int64_t bytes);
  // What was found in them; the bytes are known.
  void SetContent(const LogBounds& bounds, int64_t record_count, std::optional<absl::Time> oldest,
                  std::optional<absl::Time> newest);

  // The active segment is closed, with this many bytes.
  void CloseActive(int64_t bytes);
  // The active segment, of `replaced_bytes`, goes for one of the same base offset, in one step: readers always find
  // one.
  void ReplaceActive(int64_t replaced_bytes, std::shared_ptr<Segment> segment, int64_t bytes);
  // Readers see these batches, and the log up to `head_offset`.
  void Publish(absl::Span<const BatchHeader> batches, int64_t head_offset);
  // The log begins here from now on, and the active segment has this many records. The base offsets of the segments
  // that are not needed any more, oldest first.
  std::vector<int64_t> Trim(int64_t start_offset, int64_t active_record_count);
  // The log begins here, although the first segments are gone that should hold it.
  void SetStart(int64_t start_offset);
  void SetOldest(std::optional<absl::Time> oldest);

  Snapshot Get() const;
  // What `read` finds in a Snapshot. A segment that was trimmed while it was read is no failure: the log as it is then
  // says what there is.
  template <typename Read>
  auto Find(const Read& read) const {
    Snapshot seen = Get();
    auto found = read(seen);
    for (Snapshot now = Get(); !found.ok() && now.segments != seen.segments; now = Get()) {
      seen = now;
      found = read(seen);
    }
    return found;
  }
  LogSize size() const;
  // As Log::StartForBytes.
  int64_t StartForBytes(int64_t bytes_max) const;

 private:
  void AppendLocked(std::shared_ptr<Segment> segment) ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_);

  mutable absl::Mutex mutex_;
  std::shared_ptr<const Segments> segments_ ABSL_GUARDED_BY(mutex_);
  LogSize size_ ABSL_GUARDED_BY(mutex_);
  absl::flat_hash_map<int64_t, int64_t> closed_bytes_ ABSL_GUARDED_BY(mutex_);  // by base offset
};

}  // namespace eventlog

#endif  // EVENTLOG_SVC_STORAGE_SEGMENT_LIST_H_
