// The broadcast: publishes blocks to the ring and wakes the shards. Only //gateway-svc/feed may see this target, so
// that nothing reaches a client except through the log.

#ifndef GATEWAY_SVC_HUB_HUB_H_
#define GATEWAY_SVC_HUB_HUB_H_

#include <cstdint>
#include <string>

#include "gateway-svc/hub/event_block.h"
#include "gateway-svc/hub/event_ring.h"

namespace gateway {

// One thread at a time: the feed's.
class Hub {
 public:
  // `ring` must outlive it.
  explicit Hub(EventRing& ring) : ring_(ring) {}

  // `block` begins at the ring's head.
  void Broadcast(EventBlockPtr block);
  // The upstream answered `started`. `log_start` and `log_head` are the log's. Unless the ring is of this epoch and
  // ends at `next_offset`, which is where the feed's subscription goes on, it begins there anew.
  void Connected(const std::string& epoch, int64_t log_start, int64_t log_head, int64_t next_offset);
  // The upstream is lost; the ring keeps serving what it has.
  void Disconnected();

 private:
  EventRing& ring_;
};

}  // namespace gateway

#endif  // GATEWAY_SVC_HUB_HUB_H_
