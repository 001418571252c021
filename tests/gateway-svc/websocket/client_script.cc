#include "tests/gateway-svc/websocket/client_script.h"

#include <algorithm>
#include <utility>

#include "absl/strings/str_cat.h"
#include "gateway-svc/websocket/frame_codec.h"
#include "tests/gateway-svc/websocket/client_frame.h"
#include "tests/gateway-svc/websocket/raw_deflate.h"

namespace gateway {

ClientScript ClientScriptWriter::Write(size_t messages_max) {
  script_ = ClientScript();
  for (size_t left = Below(messages_max + 1); left > 0; --left) {
    if (OneIn(4)) AddControlFrame();
    AddMessage();
  }
  if (OneIn(3)) {
    AddViolation();
  } else if (OneIn(2)) {
    AddClose();
  }
  if (script_.expected.disconnect) {
    // What comes behind the end is not looked at.
    AddFrame(0x81, "late");
    AddFrame(0x89, "late");
    AddFrame(0x83, "late");
  }
  return std::move(script_);
}

std::string ClientScriptWriter::Text() {
  static constexpr absl::string_view kWords[] = {"event", " ",          "\"offset\":", "é",
                                                 "世界",  "\U0001F30D", "a",           "0000000000"};
  std::string text;
  for (size_t left = Below(OneIn(8) ? 60 : 12); left > 0; --left)
    absl::StrAppend(&text, kWords[Below(std::size(kWords))]);
  return text;
}

std::string ClientScriptWriter::Payload(bool text) {
  if (text) return Text();
  std::string bytes(Below(OneIn(8) ? 300 : 40), '\0');
  for (char& c : bytes) c = static_cast<char>(random_());
  return bytes;
}

std::string ClientScriptWriter::Compressed(absl::string_view payload) {
  static constexpr int kStrategies[] = {Z_DEFAULT_STRATEGY, Z_FILTERED, Z_HUFFMAN_ONLY, Z_RLE, Z_FIXED};
  RawDeflateOptions options;
  options.level = static_cast<int>(Below(10));
  options.window_bits = 9 + static_cast<int>(Below(7));
  options.memory_level = 1 + static_cast<int>(Below(9));
  options.strategy = kStrategies[Below(std::size(kStrategies))];
  if (OneIn(3)) options.block_bytes = 1 + Below(50);
  options.final_block = OneIn(4);
  return RawDeflate(payload, options);
}

void ClientScriptWriter::AddFrame(int first, absl::string_view payload) {
  script_.bytes += ClientFrame(static_cast<uint8_t>(first), payload, static_cast<uint32_t>(random_()));
}

void ClientScriptWriter::AddControlFrame() {
  const bool ping = OneIn(2);
  const std::string payload = Payload(false).substr(0, 125);
  AddFrame(ping ? 0x89 : 0x8A, payload);
  script_.expected.lines.push_back(ping ? absl::StrCat("frame ", EncodeFrame(Opcode::kPong, payload))
                                        : absl::StrCat("pong ", payload));
}

void ClientScriptWriter::AddFragments(int first, absl::string_view payload, size_t count) {
  for (size_t left = count; left > 0; --left) {
    const bool last = left == 1;
    const size_t size = last ? payload.size() : Below(payload.size() + 1);
    AddFrame((left == count ? first : 0x00) | (last ? 0x80 : 0x00), payload.substr(0, size));
    payload.remove_prefix(size);
    if (!last && OneIn(3)) AddControlFrame();
  }
}

void ClientScriptWriter::AddMessage() {
  const bool text = OneIn(2);
  const std::string payload = Payload(text);
  const bool compressed = deflate_ && !OneIn(3);
  AddFragments((text ? 0x01 : 0x02) | (compressed ? 0x40 : 0), compressed ? Compressed(payload) : payload,
               OneIn(2) ? 1 : 1 + Below(6));
  script_.expected.lines.push_back(absl::StrCat(text ? "text " : "binary ", payload));
}

void ClientScriptWriter::AddClose() {
  script_.expected.disconnect = true;
  if (OneIn(3)) {
    AddFrame(0x88, "");
    script_.expected.close_code = 1005;
    script_.expected.lines.push_back(absl::StrCat("frame ", EncodeFrame(Opcode::kClose, "")));
    return;
  }
  static constexpr uint16_t kCodes[] = {1000, 1001, 1003, 1007, 1011, 1014, 3000, 4999};
  script_.expected.close_code = kCodes[Below(std::size(kCodes))];
  const std::string reason = OneIn(2) ? "" : "until later é";
  script_.bytes += ClientClose(script_.expected.close_code, reason);
  script_.expected.lines.push_back(absl::StrCat("frame ", EncodeClose(script_.expected.close_code, reason)));
}

void ClientScriptWriter::Fail(uint16_t code, absl::string_view text) {
  script_.expected.failed = script_.expected.disconnect = true;
  script_.expected.close_code = code;
  script_.expected.lines.push_back(absl::StrCat("frame ", EncodeClose(code, text)));
}

void ClientScriptWriter::AddViolation() {
  static const std::string bomb = RawDeflate(std::string(12000, '0'), {9});
  // Of these, the ones behind kPlain need the agreement.
  static constexpr size_t kPlain = 11, kAll = 15;
  switch (Below(deflate_ ? kAll : kPlain)) {
    case 0:
      AddFrame(0x83, "x");
      return Fail(1002, "reserved opcode");
    case 1:
      AddFrame(OneIn(2) ? 0xA1 : 0x91, "x");
      return Fail(1002, "reserved bits are set, but no extension is in use");
    case 2:
      AddFrame(OneIn(2) ? 0xC9 : 0xC8, "");
      return Fail(1002, deflate_ ? "RSV1 is set elsewhere than on the first frame of a message"
                                 : "reserved bits are set, but no extension is in use");
    case 3:
      script_.bytes += absl::StrCat("\x81\x02", "ab");
      return Fail(1002, "a client's frame is not masked");
    case 4:
      AddFrame(OneIn(2) ? 0x09 : 0x08, "");
      return Fail(1002, "a control frame is fragmented");
    case 5:
      AddFrame(0x89, std::string(126 + Below(9), 'x'));
      return Fail(1002, "a control frame is longer than 125 bytes");
    case 6:
      AddFrame(OneIn(2) ? 0x80 : 0x00, "x");
      return Fail(1002, "a continuation without a message");
    case 7:
      AddFrame(0x01, "a");
      AddFrame(OneIn(2) ? 0x82 : 0x01, "b");
      return Fail(1002, "a new message inside a fragmented one");
    case 8:
      AddFragments(0x01, "text \xED\xA0\x80 more", 1);
      return Fail(1007, "text is not UTF-8");
    case 9:
      AddFrame(0x82, std::string(kScriptLimits.frame_bytes_max + 1, 'x'));
      return Fail(1009, "a frame is larger than the limit");
    case 10:
      script_.bytes += ClientClose(1005, "");
      return Fail(1002, "a close code that may not be sent");
    case kPlain:
      AddFrame(0x41, "x");
      AddFrame(0xC0, "y");
      return Fail(1002, "RSV1 is set elsewhere than on the first frame of a message");
    case 12:
      AddFragments(0x41, Compressed("text \xED\xA0\x80 more"), 1 + Below(3));
      return Fail(1007, "text is not UTF-8");
    case 13:
      AddFragments(0x42, "\x07 is a block of the reserved kind", 1 + Below(3));
      return Fail(1007, "a message is not deflate data");
    default:
      AddFragments(0x42, bomb, 1 + Below(3));
      return Fail(1009, "a message inflates to too many times its size");
  }
}

}  // namespace gateway
