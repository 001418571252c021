// What a client is greeted with, from what it asked for and what is known.

#ifndef GATEWAY_SVC_HTTP_STREAM_HELLO_H_
#define GATEWAY_SVC_HTTP_STREAM_HELLO_H_

#include <cstdint>

#include "gateway-svc/http/client_host.h"
#include "gateway-svc/http/firehose_request.h"
#include "gateway-svc/http/server_message.h"
#include "gateway-svc/http/start_position.h"
#include "gateway-svc/hub/event_ring.h"

namespace gateway {

// Without the connection's name.
Hello MakeHello(const ClientOptions& options, const RingState& state, const FirehoseRequest& request,
                const EndPosition& end, int64_t next_offset);

}  // namespace gateway

#endif  // GATEWAY_SVC_HTTP_STREAM_HELLO_H_
