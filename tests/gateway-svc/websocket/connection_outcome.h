// All that a connection says about the bytes of a client, in order, for tests.

#ifndef TESTS_GATEWAY_SVC_WEBSOCKET_CONNECTION_OUTCOME_H_
#define TESTS_GATEWAY_SVC_WEBSOCKET_CONNECTION_OUTCOME_H_

#include <cstddef>
#include <cstdint>
#include <string>
#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/strings/string_view.h"
#include "absl/types/span.h"
#include "gateway-svc/websocket/connection.h"
#include "gateway-svc/websocket/message_inflater.h"

namespace gateway {

struct ConnectionOutcome {
  // "text P", "binary P", "pong P" that came, "frame F" that goes out.
  std::vector<std::string> lines;
  bool failed = false;
  bool disconnect = false;
  uint16_t close_code = 0;

  bool operator==(const ConnectionOutcome& other) const = default;
};

class OutcomeRecorder : public ConnectionEvents {
 public:
  void OnMessage(bool text, std::string payload) override {
    lines.push_back(absl::StrCat(text ? "text " : "binary ", payload));
  }
  void OnPong(absl::string_view payload) override { lines.push_back(absl::StrCat("pong ", payload)); }
  void OnControlFrame(std::string frame) override { lines.push_back(absl::StrCat("frame ", frame)); }

  std::vector<std::string> lines;
};

// Of a connection that gets `bytes` in the pieces that end at `cuts`, which rise, and at the end.
inline ConnectionOutcome Receive(absl::string_view bytes, std::vector<size_t> cuts, const ConnectionLimits& limits,
                                 MessageInflater* inflater) {
  OutcomeRecorder recorder;
  Connection connection(limits, recorder, inflater);
  cuts.push_back(bytes.size());
  size_t begin = 0;
  for (const size_t cut : cuts) {
    // A copy of exactly this size, so that a sanitizer sees each read beyond it.
    std::vector<char> piece(bytes.begin() + begin, bytes.begin() + cut);
    connection.Receive(absl::MakeSpan(piece));
    begin = cut;
  }
  return {recorder.lines, connection.failed(), connection.disconnect(), connection.close_code()};
}

inline std::vector<size_t> CutAtEachByte(absl::string_view bytes) {
  std::vector<size_t> cuts;
  for (size_t at = 1; at < bytes.size(); ++at) cuts.push_back(at);
  return cuts;
}

}  // namespace gateway

#endif  // TESTS_GATEWAY_SVC_WEBSOCKET_CONNECTION_OUTCOME_H_
