// Where a log's batches are kept, for one writer and any number of readers.
//
// The writer, one thread, does Append, Sync, Publish for each group of batches; readers see what was published and
// nothing else, so that nothing that a crash could take back is ever read.

#ifndef EVENTLOG_SVC_STORAGE_BATCH_STORE_H_
#define EVENTLOG_SVC_STORAGE_BATCH_STORE_H_

#include <cstdint>
#include <limits>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "absl/time/time.h"
#include "absl/types/span.h"
#include "eventlog-svc/engine/log.h"
#include "eventlog-svc/storage/batch_codec.h"
#include "eventlog-svc/storage/stored_segment.h"

namespace eventlog {

class BatchStore {
 public:
  virtual ~BatchStore() = default;

  // The writer's thread only.

  // Whether a group of this many bytes wants a new segment first, so that none has more than `segment_bytes_max` of
  // batches (0: the store's own limit, which holds besides).
  virtual bool WantsRoll(size_t group_bytes, int64_t segment_bytes_max) const = 0;
  // Begins a new segment that starts with `state`, what the writer needs to go on from here after a restart.
  virtual absl::Status Roll(absl::string_view state) = 0;
  // Seals and writes the batches, whose offsets follow each other; state batches among them. kResourceExhausted
  // DISK_FULL: nothing of them is kept and the store can go on; any other error is for good: every later call gives it
  // again.
  virtual absl::Status Append(absl::Span<EncodedBatch> batches) = 0;
  // Makes durable what was appended. An error is for good: the sync is never tried again.
  virtual absl::Status Sync() = 0;
  // Lets readers see what was appended.
  virtual void Publish() = 0;
  // Lets go of what is before `start_offset`, which the writer's state says durably. What cannot be removed now is when
  // the log is opened.
  virtual void Trim(int64_t start_offset) = 0;
  // Whether a roll would free much, if all were trimmed.
  virtual bool HoldsMuch() const { return false; }
  // Bytes that state batches still find in the active segment when the disk is full.
  virtual int64_t StateRoom() const { return std::numeric_limits<int64_t>::max(); }
  // Nothing comes any more: the last call of the writer's thread.
  virtual void Close() {}
  // The offset and time of what was appended last, published or not.
  virtual int64_t next_offset() const = 0;
  // All before it is synced.
  virtual int64_t synced_offset() const = 0;
  virtual absl::Time last_append_time() const = 0;

  // Any thread.

  virtual const std::string& epoch() const = 0;
  // As Log::Read.
  virtual absl::StatusOr<RecordPage> Read(const ReadOptions& options) const = 0;
  // As Log::OffsetAt.
  virtual absl::StatusOr<int64_t> OffsetAt(absl::Time time) const = 0;
  virtual LogSize size() const = 0;
  // As Log::StartForBytes.
  virtual int64_t StartForBytes(int64_t bytes_max) const = 0;
  // The files, oldest first, as far as they are published when each is opened; none when the store keeps no files.
  virtual std::vector<StoredSegment> stored_segments() const { return {}; }
};

}  // namespace eventlog

#endif  // EVENTLOG_SVC_STORAGE_BATCH_STORE_H_
