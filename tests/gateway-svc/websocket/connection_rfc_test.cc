// What RFC 6455 and RFC 7692 ask of a server's connection, section by section: each row whole and byte by byte.

#include <initializer_list>
#include <string>
#include <vector>

#include "absl/strings/str_cat.h"
#include "gateway-svc/websocket/connection.h"
#include "gateway-svc/websocket/frame_codec.h"
#include "gateway-svc/websocket/message_inflater.h"
#include "gtest/gtest.h"
#include "tests/gateway-svc/websocket/client_frame.h"
#include "tests/gateway-svc/websocket/connection_outcome.h"
#include "tests/gateway-svc/websocket/raw_deflate.h"

namespace gateway {
namespace {

constexpr ConnectionLimits kLimits{100'000, 200'000};

std::string Bytes(std::initializer_list<int> bytes) {
  std::string text;
  for (const int byte : bytes) text += static_cast<char>(byte);
  return text;
}

std::string Pong(absl::string_view payload) { return absl::StrCat("frame ", EncodeFrame(Opcode::kPong, payload)); }

struct Row {
  const char* section;
  std::string bytes;
  std::vector<std::string> lines;
  // 0: it goes on; of the peer's Close frame or of our error otherwise. Of an error its Close frame, the last that is
  // said, is not in `lines`.
  int close_code = 0;
  bool failed = false;
};

Row Error(const char* section, const std::string& bytes, int code, const std::vector<std::string>& lines = {}) {
  return {section, bytes, lines, code, true};
}

void Check(const std::vector<Row>& rows, bool deflate) {
  MessageInflater inflater;
  for (const Row& row : rows) {
    const ConnectionOutcome whole = Receive(row.bytes, {}, kLimits, deflate ? &inflater : nullptr);
    std::vector<std::string> lines = whole.lines;
    if (row.failed && !lines.empty()) {
      EXPECT_EQ(lines.back().substr(0, 7), "frame \x88") << row.section;
      EXPECT_EQ(lines.back().substr(8, 2), Bytes({row.close_code >> 8, row.close_code & 0xFF})) << row.section;
      lines.pop_back();
    }
    EXPECT_EQ(lines, row.lines) << row.section;
    EXPECT_EQ(whole.failed, row.failed) << row.section;
    EXPECT_EQ(whole.disconnect, row.close_code != 0) << row.section;
    EXPECT_EQ(whole.close_code, row.close_code) << row.section;
    EXPECT_TRUE(Receive(row.bytes, CutAtEachByte(row.bytes), kLimits, deflate ? &inflater : nullptr) == whole)
        << row.section << ", byte by byte";
  }
}

std::vector<Row> Rfc6455() {
  const std::string large(65536, 'b');
  return {
      {"5.7, a masked text", Bytes({0x81, 0x85, 0x37, 0xFA, 0x21, 0x3D, 0x7F, 0x9F, 0x4D, 0x51, 0x58}), {"text Hello"}},
      {"5.7, a masked ping",
       Bytes({0x89, 0x85, 0x37, 0xFA, 0x21, 0x3D, 0x7F, 0x9F, 0x4D, 0x51, 0x58}),
       {Pong("Hello")}},
      {"5.7, a masked pong", Bytes({0x8A, 0x85, 0x37, 0xFA, 0x21, 0x3D, 0x7F, 0x9F, 0x4D, 0x51, 0x58}), {"pong Hello"}},
      {"5.7, fragments", ClientFrame(0x01, "Hel") + ClientFrame(0x80, "lo"), {"text Hello"}},
      {"5.7, 256 bytes", ClientFrame(0x82, std::string(256, 'b')), {"binary " + std::string(256, 'b')}},
      {"5.7, 64 KiB", ClientFrame(0x82, large), {"binary " + large}},
      Error("5.1, a frame without a mask", Bytes({0x81, 0x05, 'H', 'e', 'l', 'l', 'o'}), 1002),
      Error("5.2, RSV1", ClientFrame(0xC1, "a"), 1002),
      Error("5.2, RSV2", ClientFrame(0xA2, "a"), 1002),
      Error("5.2, RSV3 on a ping", ClientFrame(0x99, ""), 1002),
      Error("5.2, opcode 3", ClientFrame(0x83, ""), 1002),
      Error("5.2, opcode 15", ClientFrame(0x8F, ""), 1002),
      Error("5.2, a length in more bytes than it needs", Bytes({0x82, 0xFE, 0x00, 0x7D}) + "mask", 1002),
      Error("5.2, a length with its highest bit", Bytes({0x82, 0xFF, 0x80, 0, 0, 0, 0, 0, 0, 0}) + "mask", 1002),
      {"5.3, a mask of zeros", ClientFrame(0x81, "Hello", 0), {"text Hello"}},
      {"5.4, empty fragments", ClientFrame(0x01, "") + ClientFrame(0x00, "") + ClientFrame(0x80, ""), {"text "}},
      {"5.4, control frames between",
       ClientFrame(0x01, "a") + ClientFrame(0x89, "1") + ClientFrame(0x00, "b") + ClientFrame(0x8A, "2") +
           ClientFrame(0x80, "c"),
       {Pong("1"), "pong 2", "text abc"}},
      Error("5.4, nothing to go on with", ClientFrame(0x80, "a"), 1002),
      Error("5.4, to go on with what ended", ClientFrame(0x81, "a") + ClientFrame(0x80, "b"), 1002, {"text a"}),
      Error("5.4, a message within another", ClientFrame(0x02, "a") + ClientFrame(0x82, "b"), 1002),
      Error("5.5, a fragmented ping", ClientFrame(0x09, "a"), 1002),
      Error("5.5, a ping of 126 bytes", ClientFrame(0x89, std::string(126, 'p')), 1002),
      {"5.5, a ping of 125 bytes", ClientFrame(0x89, std::string(125, 'p')), {Pong(std::string(125, 'p'))}},
      {"5.5.1, a close without a code", ClientFrame(0x88, ""), {"frame " + Bytes({0x88, 0x00})}, 1005},
      {"5.5.1, nothing behind it",
       ClientClose(1000, "bye") + ClientFrame(0x81, "a") + ClientFrame(0x83, ""),
       {"frame " + EncodeClose(1000, "bye")},
       1000},
      Error("5.5.1, half a code", ClientFrame(0x88, "\x03"), 1002),
      Error("5.5.1, a reason that is no UTF-8", ClientClose(1000, "\xC3("), 1007),
      {"5.5.2, each ping its pong", ClientFrame(0x89, "1") + ClientFrame(0x89, "2"), {Pong("1"), Pong("2")}},
      {"5.6, bytes that are no text", ClientFrame(0x82, "\xFF\xFE"), {"binary \xFF\xFE"}},
      Error("5.6, text that is no UTF-8", ClientFrame(0x81, "\xFF"), 1007),
      Error("7.4.1, 1005 is never sent", ClientClose(1005, ""), 1002),
      Error("7.4.1, 1006 is never sent", ClientClose(1006, ""), 1002),
      Error("7.4.1, 1015 is never sent", ClientClose(1015, ""), 1002),
      Error("7.4.2, 999 is not in use", ClientClose(999, ""), 1002),
      Error("7.4.2, 2999 is reserved", ClientClose(2999, ""), 1002),
      Error("7.4.2, 5000 is not in use", ClientClose(5000, ""), 1002),
      {"7.4.2, 3000 is a library's", ClientClose(3000, ""), {"frame " + EncodeClose(3000, "")}, 3000},
      {"7.4.2, 4999 is private", ClientClose(4999, ""), {"frame " + EncodeClose(4999, "")}, 4999},
      Error("8.1, a surrogate", ClientFrame(0x81, "a\xED\xA0\x80"), 1007),
      Error("8.1, an overlong form", ClientFrame(0x81, "\xC0\xAF"), 1007),
      Error("8.1, beyond U+10FFFF", ClientFrame(0x81, "\xF4\x90\x80\x80"), 1007),
      Error("8.1, cut within a character", ClientFrame(0x81, "\xE2\x82"), 1007),
      {"8.1, a character in two frames",
       ClientFrame(0x01, "\xE2\x82") + ClientFrame(0x80, "\xAC"),
       {"text \xE2\x82\xAC"}},
      Error("10.4, a frame beyond the limit", ClientFrame(0x82, std::string(100'001, 'b')), 1009),
      Error("10.4, a message beyond it",
            ClientFrame(0x02, std::string(100'000, 'b')) + ClientFrame(0x00, std::string(100'000, 'b')) +
                ClientFrame(0x80, "b"),
            1009),
  };
}

std::vector<Row> Rfc7692() {
  const std::string hello = Bytes({0xF2, 0x48, 0xCD, 0xC9, 0xC9, 0x07, 0x00});
  const std::string large = RawDeflate(std::string(200'000, 'x'));
  return {
      {"6.2, a plain message", ClientFrame(0x81, "Hello"), {"text Hello"}},
      Error("6.2, RSV1 on what goes on", ClientFrame(0x41, hello.substr(0, 3)) + ClientFrame(0xC0, hello.substr(3)),
            1002),
      Error("6.2, RSV1 on a ping", ClientFrame(0xC9, ""), 1002),
      Error("6.2, RSV1 on a pong", ClientFrame(0xCA, ""), 1002),
      Error("6.2, RSV1 on a close", ClientFrame(0xC8, ""), 1002),
      Error("6.2, RSV1 and RSV2", ClientFrame(0xE1, hello), 1002),
      {"7.2.3.1, one block", ClientFrame(0xC1, hello), {"text Hello"}},
      {"7.2.3.1, in two fragments",
       ClientFrame(0x41, hello.substr(0, 3)) + ClientFrame(0x80, hello.substr(3)),
       {"text Hello"}},
      Error("7.2.3.2, a context that was not agreed on",
            ClientFrame(0xC1, hello) + ClientFrame(0xC1, Bytes({0xF2, 0x00, 0x11, 0x00, 0x00})), 1007, {"text Hello"}),
      {"7.2.3.2, the same without context",
       ClientFrame(0xC1, hello) + ClientFrame(0xC1, hello),
       {"text Hello", "text Hello"}},
      {"7.2.3.3, a block without compression",
       ClientFrame(0xC1, Bytes({0x00, 0x05, 0x00, 0xFA, 0xFF, 0x48, 0x65, 0x6C, 0x6C, 0x6F, 0x00})),
       {"text Hello"}},
      {"7.2.3.4, a block with BFINAL",
       ClientFrame(0xC1, Bytes({0xF3, 0x48, 0xCD, 0xC9, 0xC9, 0x07, 0x00, 0x00})),
       {"text Hello"}},
      {"7.2.3.5, two blocks",
       ClientFrame(0xC1, Bytes({0xF2, 0x48, 0x05, 0x00, 0x00, 0x00, 0xFF, 0xFF, 0xCA, 0xC9, 0xC9, 0x07, 0x00})),
       {"text Hello"}},
      {"7.2.3.6, an empty message", ClientFrame(0xC2, Bytes({0x00})), {"binary "}},
      {"an empty last fragment", ClientFrame(0x42, hello) + ClientFrame(0x80, ""), {"binary Hello"}},
      {"a ping between",
       ClientFrame(0x42, hello.substr(0, 1)) + ClientFrame(0x89, "p") + ClientFrame(0x80, hello.substr(1)),
       {Pong("p"), "binary Hello"}},
      {"compressed and plain in turns",
       ClientFrame(0xC1, hello) + ClientFrame(0x81, "a") + ClientFrame(0xC2, hello) + ClientFrame(0x82, "b"),
       {"text Hello", "text a", "binary Hello", "binary b"}},
      Error("no deflate data", ClientFrame(0xC1, "\x07"), 1007),
      Error("compressed text that is no UTF-8", ClientFrame(0xC1, RawDeflate("\xFF")), 1007),
      Error("more than it may be, inflated", ClientFrame(0xC2, RawDeflate(std::string(200'001, 'x'))), 1009),
      Error("a bomb", ClientFrame(0xC2, large), 1009),
      Error("what is left of it is not looked at", ClientFrame(0xC1, "\x07") + ClientFrame(0x89, ""), 1007),
  };
}

TEST(ConnectionRfcTest, Rfc6455) { Check(Rfc6455(), /*deflate=*/false); }

TEST(ConnectionRfcTest, Rfc7692) { Check(Rfc7692(), /*deflate=*/true); }

// What is not compressed is the same, agreed on or not; RSV1 apart.
TEST(ConnectionRfcTest, Rfc6455WithDeflateAgreedOn) {
  std::vector<Row> rows = Rfc6455();
  for (Row& row : rows) {
    if (absl::string_view(row.section) == "5.2, RSV1") row = Error("5.2, RSV1 of no deflate data", row.bytes, 1007);
  }
  Check(rows, /*deflate=*/true);
}

}  // namespace
}  // namespace gateway
