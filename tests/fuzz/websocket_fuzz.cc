// What a WebSocket peer sends: the same messages, answers and end however the bytes are split, and none after the end.
// And the handshake: an upgrade is granted only to a request that has all that RFC 6455, section 4.2.1 asks for.

#include <algorithm>
#include <cstdint>
#include <string>
#include <vector>

#include "absl/strings/ascii.h"
#include "absl/strings/escaping.h"
#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/string_view.h"
#include "absl/types/span.h"
#include "gateway-svc/websocket/connection.h"
#include "gateway-svc/websocket/handshake.h"
#include "glog/logging.h"
#include "tests/fuzz/input_reader.h"

namespace gateway {
namespace {

constexpr ConnectionLimits kLimits{256, 600};
constexpr size_t kControlFrameBytesMax = 127;

// Notes all that a connection says, in order.
class Notes : public ConnectionEvents {
 public:
  void OnMessage(bool text, std::string payload) override {
    CHECK_LE(payload.size(), kLimits.message_bytes_max);
    lines.push_back(absl::StrCat(text ? "text " : "binary ", payload));
  }
  void OnPong(absl::string_view payload) override { lines.push_back(absl::StrCat("pong ", payload)); }
  void OnControlFrame(std::string frame) override {
    CHECK(frame.size() >= 2 && frame.size() <= kControlFrameBytesMax);
    lines.push_back(absl::StrCat("control ", frame));
  }
  std::vector<std::string> lines;
};

struct Outcome {
  std::vector<std::string> lines;
  bool failed = false;
  bool disconnect = false;
  uint16_t close_code = 0;
};

Outcome Receive(absl::string_view bytes, size_t piece_bytes) {
  Notes notes;
  Connection connection(kLimits, notes);
  for (size_t at = 0; at < bytes.size() && !connection.disconnect(); at += piece_bytes) {
    std::string piece(bytes.substr(at, piece_bytes));
    connection.Receive(absl::MakeSpan(piece));
  }
  const size_t said = notes.lines.size();
  if (connection.disconnect()) {
    std::string more =
        "\x81\x80"
        "abcd";
    connection.Receive(absl::MakeSpan(more));
    CHECK_EQ(notes.lines.size(), said) << "something is said after the end";
  }
  return {notes.lines, connection.failed(), connection.disconnect(), connection.close_code()};
}

void CheckFrames(eventlog::InputReader input) {
  const size_t piece_bytes = 1 + input.U8() % 32;
  const Outcome whole = Receive(input.rest(), std::max<size_t>(1, input.rest().size()));
  for (const size_t bytes : {size_t{1}, piece_bytes}) {
    const Outcome split = Receive(input.rest(), bytes);
    CHECK(split.lines == whole.lines) << "another split, other messages";
    CHECK(split.failed == whole.failed && split.disconnect == whole.disconnect && split.close_code == whole.close_code);
  }
}

void CheckHandshake(eventlog::InputReader input) {
  HandshakeRequest request;
  request.http_1_1 = input.U8() % 4 != 0;
  for (absl::string_view* const field : {&request.method, &request.host, &request.upgrade, &request.connection,
                                         &request.key, &request.version, &request.protocols}) {
    *field = input.Bytes(input.U8());
  }
  const HandshakeAnswer answer = AnswerHandshake(request, kSubprotocol);
  CHECK(answer.status == 101 || answer.status == 400 || answer.status == 405 || answer.status == 426);
  if (answer.status != 101) {
    CHECK(!answer.message.empty());
    return;
  }
  std::string nonce;
  CHECK(request.http_1_1 && request.method == "GET" && request.version == "13" && !request.host.empty());
  CHECK(absl::StrContains(absl::AsciiStrToLower(request.upgrade), "websocket"));
  CHECK(absl::StrContains(absl::AsciiStrToLower(request.connection), "upgrade"));
  CHECK(absl::Base64Unescape(request.key, &nonce) && nonce.size() == 16) << "a key of other than 16 bytes";
  CHECK_EQ(answer.accept, AcceptKey(request.key));
  if (!answer.subprotocol.empty()) CHECK(absl::StrContains(request.protocols, answer.subprotocol));
}

}  // namespace
}  // namespace gateway

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  eventlog::InputReader input(data, size);
  if (input.U8() % 4 == 0) {
    gateway::CheckHandshake(input);
  } else {
    gateway::CheckFrames(input);
  }
  return 0;
}
