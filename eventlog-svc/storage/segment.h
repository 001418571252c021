// One segment's file as readers know it: what of it may be read, and where batches begin.

#ifndef EVENTLOG_SVC_STORAGE_SEGMENT_H_
#define EVENTLOG_SVC_STORAGE_SEGMENT_H_

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "absl/base/thread_annotations.h"
#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "absl/synchronization/mutex.h"
#include "absl/time/time.h"
#include "eventlog-svc/storage/batch_scanner.h"
#include "eventlog-svc/storage/file_system.h"
#include "eventlog-svc/storage/open_segments.h"
#include "eventlog-svc/storage/segment_index.h"
#include "eventlog-svc/storage/stored_segment.h"

namespace eventlog {

// Where a segment lies and how it is read. The references must outlive the segment.
struct SegmentPlace {
  FileSystem& file_system;
  OpenSegments& open_segments;
  std::string directory;  // without a slash at its end
  BatchSeal seal;         // with the segment's base offset
};

// Thread safe. The active segment grows by Publish; a closed one is opened when it is read, from its index, or by a
// scan where the index is missing, damaged or of another file length. Lives in a shared_ptr.
class Segment : public OpenFileHolder, public std::enable_shared_from_this<Segment> {
 public:
  // A closed segment, not opened yet.
  Segment(SegmentPlace place, int64_t index_interval_bytes);
  // The active segment, with what recovery or creation found.
  Segment(SegmentPlace place, std::shared_ptr<File> file, int64_t first_position, SegmentIndex index,
          SegmentExtent extent);

  int64_t base_offset() const { return place_.seal.segment_offset; }

  // What a reader needs: the file, and where a scan begins and ends.
  struct Range {
    std::shared_ptr<const File> file;
    BatchSeal seal;
    BatchScanner::Range scan;  // its offset is that at its position, where it is known; else the base offset
    int64_t next_offset = 0;   // behind the segment's last record
  };
  // The range from the last indexed batch at or before `offset` to the published end.
  absl::StatusOr<Range> RangeFrom(int64_t offset) const;
  // The range from the last indexed batch before `time` on.
  absl::StatusOr<Range> RangeBefore(absl::Time time) const;

  // The append time of the first batch; of the far future when there is none.
  absl::StatusOr<absl::Time> FirstAppendTime() const;

  // The whole file up to its published end, for verify and backup. The index file comes with it, when there is one.
  absl::StatusOr<StoredContent> OpenContent() const;

  // Lets readers see up to `extent`; `batches` came since the last call, each with its position. The writer's thread.
  void Publish(const SegmentExtent& extent, const std::vector<std::pair<BatchHeader, int64_t>>& batches);
  // Writes the index file. What cannot be written is built anew when it is needed.
  absl::Status StoreIndex() const;
  // Of a closed segment: the file and the index.
  void CloseFile() const override;

 private:
  // Calls `look` with the segment open and the lock held.
  template <typename Look>
  absl::Status WithOpen(Look look) const;
  absl::Status OpenLocked() const ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_);
  absl::Status RebuildIndexLocked(int64_t position, int64_t file_bytes) const ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_);
  Range RangeAtLocked(const std::optional<SegmentIndex::Entry>& entry) const ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_);
  absl::Status WriteIndexFile(absl::string_view bytes) const;
  std::string Path(absl::string_view suffix) const;

  const SegmentPlace place_;
  mutable absl::Mutex mutex_;
  mutable std::shared_ptr<File> file_ ABSL_GUARDED_BY(mutex_);
  mutable int64_t first_position_ ABSL_GUARDED_BY(mutex_) = 0;
  mutable SegmentIndex index_ ABSL_GUARDED_BY(mutex_);
  mutable SegmentExtent extent_ ABSL_GUARDED_BY(mutex_);
  // What was published while it was the active one, whatever is found in the file later.
  std::optional<SegmentExtent> published_ ABSL_GUARDED_BY(mutex_);
};

}  // namespace eventlog

#endif  // EVENTLOG_SVC_STORAGE_SEGMENT_H_
