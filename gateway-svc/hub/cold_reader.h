// Blocks below the ring, read from the log and kept in a cache that all clients share. Bounded by bytes; reads of the
// same page are made once, however many clients wait for it.

#ifndef GATEWAY_SVC_HUB_COLD_READER_H_
#define GATEWAY_SVC_HUB_COLD_READER_H_

#include <cstddef>
#include <cstdint>
#include <memory>
#include <string>

#include "absl/base/thread_annotations.h"
#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/synchronization/mutex.h"
#include "gateway-svc/hub/event_block.h"
#include "gateway-svc/hub/page_reader.h"

namespace gateway {

// Hears that a page which it waits for was read, or could not be.
class PageWaiter {
 public:
  virtual ~PageWaiter() = default;
  // Any thread; no lock is held. Once for each time that Find answered null for a place of that page.
  virtual void OnPage(int64_t page_start) = 0;
};

class ColdReader {
 public:
  // The first offset of the page of the log that `offset` lies in. Pages are what is read at a time.
  static int64_t PageStart(int64_t offset) { return offset - offset % kPageOffsets; }

  // `pages` must outlive it, and call back no more once it is gone.
  ColdReader(PageReader& pages, size_t cache_bytes_max);
  ~ColdReader();

  // The block that contains `offset` of the log `epoch`. Null: its page is being read, and `waiter`, unless it is gone
  // by then, hears when another call is worth while; once, however often it asked meanwhile. An error is that of the
  // read just done, told for a moment to all who ask.
  absl::StatusOr<EventBlockPtr> Find(const std::string& epoch, int64_t offset,
                                     const std::shared_ptr<PageWaiter>& waiter);

  int64_t reads() const;
  // Blocks that were found in the cache.
  int64_t hits() const;
  size_t cache_bytes() const;

 private:
  static constexpr int64_t kPageOffsets = 1024;

  struct State;
  PageReader& pages_;
  const std::shared_ptr<State> state_;
};

}  // namespace gateway

#endif  // GATEWAY_SVC_HUB_COLD_READER_H_
