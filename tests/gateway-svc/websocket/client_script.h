// What a WebSocket client sends, generated together with what a connection must make of it: the model for tests.
//
// It does not parse: it knows what it meant when it wrote. Messages of both kinds, plain and compressed in every way
// zlib offers, whole and in fragments with control frames between them; then nothing, a Close, or something wrong.

#ifndef TESTS_GATEWAY_SVC_WEBSOCKET_CLIENT_SCRIPT_H_
#define TESTS_GATEWAY_SVC_WEBSOCKET_CLIENT_SCRIPT_H_

#include <cstddef>
#include <cstdint>
#include <random>
#include <string>

#include "absl/strings/string_view.h"
#include "gateway-svc/websocket/connection.h"
#include "gateway-svc/websocket/message_inflater.h"
#include "tests/gateway-svc/websocket/connection_outcome.h"

namespace gateway {

// The limits that scripts are written for.
inline constexpr ConnectionLimits kScriptLimits{4096, 16384};
inline constexpr InflateLimits kScriptInflateLimits{100, 4096};

struct ClientScript {
  std::string bytes;
  ConnectionOutcome expected;
};

class ClientScriptWriter {
 public:
  // With `deflate` it is agreed.
  ClientScriptWriter(uint32_t seed, bool deflate) : random_(seed), deflate_(deflate) {}

  // A script of up to `messages_max` messages.
  ClientScript Write(size_t messages_max);

 private:
  size_t Below(size_t limit) { return random_() % limit; }
  bool OneIn(size_t count) { return Below(count) == 0; }
  std::string Text();
  std::string Payload(bool text);
  std::string Compressed(absl::string_view payload);
  void AddFrame(int first, absl::string_view payload);
  void AddControlFrame();
  void AddMessage();
  // A data message in `count` fragments, of which `first` begins.
  void AddFragments(int first, absl::string_view payload, size_t count);
  void AddClose();
  void AddViolation();
  void Fail(uint16_t code, absl::string_view text);

  std::mt19937 random_;
  const bool deflate_;
  ClientScript script_;
};

}  // namespace gateway

#endif  // TESTS_GATEWAY_SVC_WEBSOCKET_CLIENT_SCRIPT_H_
