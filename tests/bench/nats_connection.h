// A client of NATS JetStream that does as little as one can: it publishes messages that are ready, and walks over the
// acknowledgements.

#ifndef TESTS_BENCH_NATS_CONNECTION_H_
#define TESTS_BENCH_NATS_CONNECTION_H_

#include <string>

#include "absl/strings/string_view.h"
#include "tests/bench/line_connection.h"

namespace eventlog::bench {

// Not thread safe. Crashes when the connection breaks, and when the server refuses something.
class NatsConnection {
 public:
  explicit NatsConnection(int port);

  // The bytes that publish a message whose answer comes to this connection.
  static std::string Publish(absl::string_view subject, absl::string_view payload);

  void Send(absl::string_view messages) { connection_.Send(messages); }
  // Waits for the next answer. It is JSON: of a published message {"stream":...,"seq":...}.
  std::string ReadAnswer();
  // Whether a part of the next answer has been read from the socket.
  bool has_buffered() const { return connection_.has_buffered(); }

 private:
  LineConnection connection_;
};

}  // namespace eventlog::bench

#endif  // TESTS_BENCH_NATS_CONNECTION_H_
