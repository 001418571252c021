// Batches in memory, the oldest dropped when a limit of bytes is reached.

#ifndef EVENTLOG_SVC_ENGINE_MEMORY_MEMORY_STORE_H_
#define EVENTLOG_SVC_ENGINE_MEMORY_MEMORY_STORE_H_

#include <cstdint>
#include <deque>
#include <string>
#include <vector>

#include "absl/base/thread_annotations.h"
#include "absl/synchronization/mutex.h"
#include "eventlog-svc/storage/batch_store.h"

namespace eventlog {

class MemoryStore : public BatchStore {
 public:
  MemoryStore(std::string epoch, int64_t bytes_max) : epoch_(std::move(epoch)), bytes_max_(bytes_max) {}

  bool WantsRoll(size_t, int64_t) const override { return false; }
  absl::Status Roll(absl::string_view) override { return absl::OkStatus(); }
  absl::Status Append(absl::Span<EncodedBatch> batches) override;
  absl::Status Sync() override { return absl::OkStatus(); }
  void Publish() override;
  void Trim(int64_t start_offset) override;
  int64_t next_offset() const override { return next_offset_; }
  // Memory is as safe as it gets here.
  int64_t synced_offset() const override { return next_offset_; }
  absl::Time last_append_time() const override { return last_append_time_; }

  const std::string& epoch() const override { return epoch_; }
  absl::StatusOr<RecordPage> Read(const ReadOptions& options) const override;
  absl::StatusOr<int64_t> OffsetAt(absl::Time time) const override;
  LogSize size() const override;
  int64_t StartForBytes(int64_t bytes_max) const override;

 private:
  RecordPage ReadForwardLocked(const ReadOptions& options) const ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_);
  RecordPage ReadBackwardLocked(const ReadOptions& options) const ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_);
  // The place in batches_ of the one that holds `offset`.
  size_t FindLocked(int64_t offset) const ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_);
  void DropFirstLocked() ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_);

  const std::string epoch_;
  const int64_t bytes_max_;

  // The writer's.
  std::vector<EncodedBatch> unpublished_;
  int64_t next_offset_ = 0;
  absl::Time last_append_time_ = absl::UnixEpoch();

  mutable absl::Mutex mutex_;
  std::deque<EncodedBatch> batches_ ABSL_GUARDED_BY(mutex_);
  LogSize size_ ABSL_GUARDED_BY(mutex_);
};

}  // namespace eventlog

#endif  // EVENTLOG_SVC_ENGINE_MEMORY_MEMORY_STORE_H_
