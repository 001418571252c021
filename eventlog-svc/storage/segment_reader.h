// Reads pages of records from a row of segments, as Log::Read and Log::OffsetAt describe.

#ifndef EVENTLOG_SVC_STORAGE_SEGMENT_READER_H_
#define EVENTLOG_SVC_STORAGE_SEGMENT_READER_H_

#include <cstdint>
#include <memory>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "eventlog-svc/engine/log.h"
#include "eventlog-svc/storage/segment.h"

namespace eventlog {

// A view of the segments that were there, and of the bounds that were published, when it was made. Not thread safe.
class SegmentReader {
 public:
  // `segments` is not empty, in order of base offset, and must outlive it.
  SegmentReader(const std::vector<std::shared_ptr<Segment>>& segments, LogBounds bounds)
      : segments_(segments), bounds_(bounds) {}

  absl::StatusOr<RecordPage> Read(const ReadOptions& options) const;
  absl::StatusOr<int64_t> OffsetAt(absl::Time time) const;

 private:
  absl::StatusOr<RecordPage> ReadForward(const ReadOptions& options) const;
  absl::StatusOr<RecordPage> ReadBackward(const ReadOptions& options) const;
  // The place in segments_ of the one that holds `offset`.
  size_t FindSegment(int64_t offset) const;

  const std::vector<std::shared_ptr<Segment>>& segments_;
  const LogBounds bounds_;
};

}  // namespace eventlog

#endif  // EVENTLOG_SVC_STORAGE_SEGMENT_READER_H_
