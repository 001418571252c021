// A subscriber that counts what comes and parses nothing, so that the server is measured and not the client.

#ifndef TESTS_BENCH_RAW_SUBSCRIBER_H_
#define TESTS_BENCH_RAW_SUBSCRIBER_H_

#include <cstdint>
#include <functional>
#include <string>

#include "grpcpp/support/byte_buffer.h"
#include "proto/eventlog/v1/event_log.pb.h"

namespace eventlog::bench {

struct SubscribedBytes {
  int64_t messages = 0;
  int64_t bytes = 0;
};

// Subscribes at `address` and reads to the end of the stream, on the calling thread. `on_message`, when given, sees
// each message as it came. Crashes when the stream ends with an error.
SubscribedBytes SubscribeRaw(const std::string& address, const v1::SubscribeRequest& request,
                             const std::function<void(const grpc::ByteBuffer&)>& on_message = nullptr);

// Writes the messages of a whole stream to a file, as bare_stream_server reads them.
SubscribedBytes CaptureMessages(const std::string& address, const v1::SubscribeRequest& request,
                                const std::string& path);

// From the start of the log "events" to its head as it is then.
v1::SubscribeRequest CatchUpRequest(int batch_records);

}  // namespace eventlog::bench

#endif  // TESTS_BENCH_RAW_SUBSCRIBER_H_
