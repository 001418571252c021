#include "eventlog-svc/engine/commit_queue.h"

#include <iterator>
#include <utility>
#include <variant>

namespace eventlog {
namespace {

int64_t ChangesIn(const CommitRequest& request) {
  return std::holds_alternative<CommitRequest::Change>(request.what) ? 1 : 0;
}

}  // namespace

void CommitQueue::Push(CommitRequest request) {
  records_ += request.records;
  bytes_ += request.bytes;
  changes_ += ChangesIn(request);
  // Where half of it was taken, the rest moves to the front rather than to more memory.
  if (requests_.size() == requests_.capacity() && first_ > requests_.size() / 2) {
    requests_.erase(requests_.begin(), requests_.begin() + static_cast<std::ptrdiff_t>(first_));
    first_ = 0;
  }
  requests_.push_back(std::move(request));
}

std::vector<CommitRequest> CommitQueue::TakeGroup(int64_t bytes_max) {
  size_t end = first_;
  for (int64_t group_bytes = 0; end < requests_.size() && group_bytes < bytes_max; ++end) {
    const CommitRequest& request = requests_[end];
    group_bytes += request.bytes;
    records_ -= request.records;
    bytes_ -= request.bytes;
    changes_ -= ChangesIn(request);
  }
  const auto begin = requests_.begin();
  std::vector<CommitRequest> group(std::make_move_iterator(begin + static_cast<std::ptrdiff_t>(first_)),
                                   std::make_move_iterator(begin + static_cast<std::ptrdiff_t>(end)));
  first_ = end;
  if (!empty()) return group;
  first_ = 0;
  requests_.clear();
  if (requests_.capacity() > kCapacityKept) std::vector<CommitRequest>().swap(requests_);
  return group;
}

}  // namespace eventlog
