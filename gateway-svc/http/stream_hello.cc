#include "gateway-svc/http/stream_hello.h"

namespace gateway {

Hello MakeHello(const ClientOptions& options, const RingState& state, const FirehoseRequest& request,
                const EndPosition& end, int64_t next_offset) {
  Hello hello;
  hello.log = options.log;
  hello.epoch = state.epoch;
  hello.log_start = state.log_start;
  hello.log_head = state.log_head;
  hello.next_offset = next_offset;
  hello.until = FormatEnd(end, state.epoch);
  hello.filter = request.filter;
  hello.delivery = request.delivery;
  hello.heartbeat = request.heartbeat;
  hello.client_frame_bytes_max = options.limits.frame_bytes_max;
  hello.client_message_bytes_max = options.limits.message_bytes_max;
  hello.client_messages_per_second = options.client_frames_per_second;
  hello.client_messages_burst = options.client_frames_burst;
  hello.slow_client_deadline = options.slow_client_deadline;
  return hello;
}

}  // namespace gateway
