// What a WebSocket peer sends, with deflate agreed on and without: the same messages, answers and end however the bytes
// are split, and none after the end. What is inflated, within its bounds; what is deflated, back again. And the
// handshake: an upgrade is granted only to a request that has all that RFC 6455, section 4.2.1 asks for, and what is
// agreed on of RFC 7692 is what was offered.

#include <algorithm>
#include <array>
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
#include "gateway-svc/websocket/deflate_extension.h"
#include "gateway-svc/websocket/handshake.h"
#include "gateway-svc/websocket/message_deflater.h"
#include "gateway-svc/websocket/message_inflater.h"
#include "glog/logging.h"
#include "tests/fuzz/input_reader.h"

namespace gateway {
namespace {

constexpr ConnectionLimits kLimits{256, 600};
constexpr InflateLimits kInflateLimits{20, 300};
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

Outcome Receive(absl::string_view bytes, size_t piece_bytes, bool deflate) {
  // Shared by all inputs, as by all connections of a thread: nothing of one may reach the next.
  static MessageInflater& inflater = *new MessageInflater(kInflateLimits);
  Notes notes;
  Connection connection(kLimits, notes, deflate ? &inflater : nullptr);
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

void CheckFrames(eventlog::InputReader input, bool deflate) {
  const size_t piece_bytes = 1 + input.U8() % 32;
  const Outcome whole = Receive(input.rest(), std::max<size_t>(1, input.rest().size()), deflate);
  for (const size_t bytes : {size_t{1}, piece_bytes}) {
    const Outcome split = Receive(input.rest(), bytes, deflate);
    CHECK(split.lines == whole.lines) << "another split, other messages";
    CHECK(split.failed == whole.failed && split.disconnect == whole.disconnect && split.close_code == whole.close_code);
  }
}

MessageDeflater& Deflater(int window_bits) {
  static std::array<MessageDeflater*, kWindowBitsMax + 1>& deflaters = *new std::array<MessageDeflater*, 16>();
  MessageDeflater*& deflater = deflaters.at(static_cast<size_t>(window_bits));
  if (deflater == nullptr) deflater = new MessageDeflater(DeflateOptions{1 + window_bits % 9, window_bits, 8});
  return *deflater;
}

// Arbitrary bytes as a compressed message; and what they inflate to, compressed by us.
void CheckInflate(eventlog::InputReader input) {
  static MessageInflater& bounded = *new MessageInflater(kInflateLimits);
  static MessageInflater& unbounded = *new MessageInflater(InflateLimits{0, 0});
  const size_t bytes_max = input.U16();
  const int window_bits = kWindowBitsMin + input.U8() % 7;
  const absl::string_view payload = input.rest();
  std::string message, all;
  const MessageInflater::Result result = bounded.Inflate(payload, bytes_max, message);
  CHECK_LE(message.size(), bytes_max);
  if (result == MessageInflater::Result::kDamaged) return;
  const size_t allowed = std::max(kInflateLimits.ratio_free_bytes, kInflateLimits.ratio_max * payload.size());
  const MessageInflater::Result whole = unbounded.Inflate(payload, size_t{1} << 30, all);
  // Data that goes bad behind the bound was not looked at there.
  if (whole == MessageInflater::Result::kDamaged) {
    CHECK(result != MessageInflater::Result::kOk);
    return;
  }
  CHECK(whole == MessageInflater::Result::kOk);
  if (result == MessageInflater::Result::kOk) CHECK(message == all && all.size() <= std::min(bytes_max, allowed));
  if (result == MessageInflater::Result::kTooBig) CHECK_GT(all.size(), bytes_max);
  if (result == MessageInflater::Result::kRatio) CHECK_GT(all.size(), allowed);
  const std::string deflated(Deflater(window_bits).Deflate(all));
  CHECK_LE(deflated.size(), DeflatedBytesMax(all.size()));
  CHECK(unbounded.Inflate(deflated, all.size(), message) == MessageInflater::Result::kOk && message == all);
}

void CheckExtensions(absl::string_view header) {
  DeflateAgreement agreement, again;
  const std::string text(header);
  const bool good = AgreeOnDeflate(text, agreement);
  CHECK(good || !agreement.agreed);
  CHECK_EQ(agreement.agreed, !agreement.response_header.empty());
  CHECK(!AgreeOnDeflate(absl::StrCat(text, ",;"), again)) << "half an offer passes behind this";
  CHECK_EQ(AgreeOnDeflate(absl::StrCat(text, ", permessage-deflate"), again), good);
  CHECK_EQ(again.agreed, good);
  if (!agreement.agreed) return;
  CHECK_EQ(again.response_header, agreement.response_header) << "the first good offer is the one";
  CHECK(absl::StrContains(text, "permessage-deflate"));
  CHECK(agreement.server_window_bits >= kWindowBitsMin && agreement.server_window_bits <= kWindowBitsMax);
  // What is answered is as good an offer, of the same.
  CHECK(AgreeOnDeflate(agreement.response_header, again) && again.agreed);
  CHECK_EQ(again.server_window_bits, agreement.server_window_bits);
  CHECK_EQ(again.client_window_bits, agreement.client_window_bits);
  CHECK_EQ(again.response_header, agreement.response_header);
}

void CheckHandshake(eventlog::InputReader input) {
  HandshakeRequest request;
  const uint8_t flags = input.U8();
  const bool deflate = (flags & 4) != 0;
  request.http_1_1 = flags % 4 != 0;
  for (absl::string_view* const field : {&request.method, &request.host, &request.upgrade, &request.connection,
                                         &request.key, &request.version, &request.protocols, &request.extensions}) {
    *field = input.Bytes(input.U8());
  }
  CheckExtensions(request.extensions);
  const HandshakeAnswer answer = AnswerHandshake(request, kSubprotocol, deflate);
  CHECK(answer.status == 101 || answer.status == 400 || answer.status == 405 || answer.status == 426);
  if (answer.status != 101) {
    CHECK(!answer.message.empty() && !answer.deflate.agreed);
    return;
  }
  std::string nonce;
  CHECK(request.http_1_1 && request.method == "GET" && request.version == "13" && !request.host.empty());
  CHECK(absl::StrContains(absl::AsciiStrToLower(request.upgrade), "websocket"));
  CHECK(absl::StrContains(absl::AsciiStrToLower(request.connection), "upgrade"));
  CHECK(absl::Base64Unescape(request.key, &nonce) && nonce.size() == 16) << "a key of other than 16 bytes";
  CHECK_EQ(answer.accept, AcceptKey(request.key));
  CHECK(deflate || !answer.deflate.agreed);
  CHECK(!answer.deflate.agreed || absl::StrContains(request.extensions, "permessage-deflate"));
  if (!answer.subprotocol.empty()) CHECK(absl::StrContains(request.protocols, answer.subprotocol));
}

}  // namespace
}  // namespace gateway

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  eventlog::InputReader input(data, size);
  switch (input.U8() % 8) {
    case 0:
      gateway::CheckHandshake(input);
      break;
    case 1:
      gateway::CheckFrames(input, /*deflate=*/false);
      break;
    case 2:
      gateway::CheckExtensions(input.rest());
      break;
    case 3:
      gateway::CheckInflate(input);
      break;
    default:
      gateway::CheckFrames(input, /*deflate=*/true);
      break;
  }
  return 0;
}
