// The last clients that went, and why.

#ifndef GATEWAY_SVC_HTTP_DISCONNECT_LOG_H_
#define GATEWAY_SVC_HTTP_DISCONNECT_LOG_H_

#include <cstddef>
#include <cstdint>
#include <deque>
#include <memory>
#include <vector>

#include "absl/base/thread_annotations.h"
#include "absl/synchronization/mutex.h"
#include "gateway-svc/http/client_info.h"

namespace gateway {

// Any thread. Bounded in entries and bytes; the oldest goes first, the newest stays however large. What a reader copies
// under the lock is pointers.
class DisconnectLog {
 public:
  explicit DisconnectLog(size_t entries_max = 1000, size_t bytes_max = 1024 * 1024)
      : entries_max_(entries_max), bytes_max_(bytes_max) {}

  void Add(DisconnectInfo info);

  struct Page {
    std::vector<std::shared_ptr<const DisconnectInfo>> newest_first;
    int64_t total = 0;  // ever added
  };
  // The newest, at most `limit`.
  Page Newest(size_t limit) const;
  size_t bytes() const;

 private:
  struct Entry {
    std::shared_ptr<const DisconnectInfo> info;
    size_t bytes = 0;
  };

  const size_t entries_max_;
  const size_t bytes_max_;
  mutable absl::Mutex mutex_;
  std::deque<Entry> entries_ ABSL_GUARDED_BY(mutex_);
  size_t bytes_ ABSL_GUARDED_BY(mutex_) = 0;
  int64_t total_ ABSL_GUARDED_BY(mutex_) = 0;
};

}  // namespace gateway

#endif  // GATEWAY_SVC_HTTP_DISCONNECT_LOG_H_
