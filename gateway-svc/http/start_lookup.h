// Finds where a client begins: decided from what the gateway knows, or asked of the log.

#ifndef GATEWAY_SVC_HTTP_START_LOOKUP_H_
#define GATEWAY_SVC_HTTP_START_LOOKUP_H_

#include <functional>
#include <memory>

#include "gateway-svc/http/client_host.h"
#include "gateway-svc/http/start_position.h"
#include "gateway-svc/http/stream_cursor.h"
#include "gateway-svc/hub/event_ring.h"

namespace gateway {

// A place, and the state of the ring by which it was found: who begins there begins in that life of the log.
struct FoundStart {
  StartPosition position;  // kOffset or kRefused
  RingState state;
};

// The shard's thread. `done` is called once, from within the call or later on the shard's thread; not at all when
// `alive` is gone by then. `host` outlives what `alive` points to.
void FindStart(ClientHost& host, const StartCursor& start, std::weak_ptr<void> alive,
               std::function<void(const FoundStart&)> done);

}  // namespace gateway

#endif  // GATEWAY_SVC_HTTP_START_LOOKUP_H_
