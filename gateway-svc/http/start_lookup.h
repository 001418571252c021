// Finds where a client begins: decided from what the gateway knows, or asked of the log.

#ifndef GATEWAY_SVC_HTTP_START_LOOKUP_H_
#define GATEWAY_SVC_HTTP_START_LOOKUP_H_

#include <functional>
#include <memory>

#include "gateway-svc/http/client_host.h"
#include "gateway-svc/http/start_position.h"
#include "gateway-svc/http/stream_cursor.h"

namespace gateway {

// The shard's thread. `done` is called once, from within the call or later on the shard's thread, with a position that
// is kOffset or kRefused; not at all when `alive` is gone by then. `host` outlives what `alive` points to.
void FindStart(ClientHost& host, const StartCursor& start, std::weak_ptr<void> alive,
               std::function<void(const StartPosition&)> done);

}  // namespace gateway

#endif  // GATEWAY_SVC_HTTP_START_LOOKUP_H_
