// Blocks below the ring, read from the log and kept in a cache that all clients share. Bounded by bytes; reads of the
// same page are made once, however many clients wait for it.

#ifndef GATEWAY_SVC_HUB_COLD_READER_H_
#define GATEWAY_SVC_HUB_COLD_READER_H_

#include <cstddef>
#include <cstdint>
#include <deque>
#include <functional>
#include <map>
#include <memory>
#include <string>
#include <vector>

#include "absl/base/thread_annotations.h"
#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/synchronization/mutex.h"
#include "gateway-svc/hub/event_block.h"
#include "gateway-svc/hub/page_reader.h"

namespace gateway {

class ColdReader {
 public:
  // `pages` must outlive it, and call back no more once it is gone.
  ColdReader(PageReader& pages, size_t cache_bytes_max);
  ~ColdReader();

  // The block that contains `offset` of the log `epoch`. Null: it is being read, and `wake` is called exactly once when
  // another call is worth while, on any thread. An error is that of the read just done, told to those who waited for
  // it; the next call tries again.
  absl::StatusOr<EventBlockPtr> Find(const std::string& epoch, int64_t offset, std::function<void()> wake);

  int64_t reads() const;
  size_t cache_bytes() const;

 private:
  struct State;
  PageReader& pages_;
  const std::shared_ptr<State> state_;
};

}  // namespace gateway

#endif  // GATEWAY_SVC_HUB_COLD_READER_H_
