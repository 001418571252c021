// The requests that wait for the committing thread, in their order, and how much they are together.

#ifndef EVENTLOG_SVC_ENGINE_COMMIT_QUEUE_H_
#define EVENTLOG_SVC_ENGINE_COMMIT_QUEUE_H_

#include <cstddef>
#include <cstdint>
#include <vector>

#include "eventlog-svc/engine/group_committer.h"

namespace eventlog {

// Not thread safe. Its memory serves again: a request needs none of its own while it waits.
class CommitQueue {
 public:
  void Push(CommitRequest request);
  // The first ones, until they have `bytes_max` or more; one at least, unless it is empty.
  std::vector<CommitRequest> TakeGroup(int64_t bytes_max);

  bool empty() const { return first_ == requests_.size(); }
  int64_t records() const { return records_; }
  int64_t bytes() const { return bytes_; }
  int64_t changes() const { return changes_; }

 private:
  // Kept when it is empty.
  static constexpr size_t kCapacityKept = 4096;

  std::vector<CommitRequest> requests_;
  size_t first_ = 0;  // those before were taken
  int64_t records_ = 0;
  int64_t bytes_ = 0;
  int64_t changes_ = 0;
};

}  // namespace eventlog

#endif  // EVENTLOG_SVC_ENGINE_COMMIT_QUEUE_H_
