#include "gateway-svc/websocket/frame_codec.h"

#include <random>
#include <string>
#include <vector>

#include "gtest/gtest.h"
#include "tests/gateway-svc/websocket/client_frame.h"

namespace gateway {
namespace {

struct ParsedFrame {
  uint8_t first = 0;
  std::string payload;
  bool operator==(const ParsedFrame& other) const { return first == other.first && payload == other.payload; }
};

struct Parsed {
  std::vector<ParsedFrame> frames;  // whole ones
  int error = 0;                    // close code, 0 without an error
};

// Parses `bytes` given in the pieces that end at `cuts` and at the end.
Parsed Parse(std::string bytes, std::vector<size_t> cuts = {}, uint64_t frame_bytes_max = 1 << 20,
             PayloadForm form = PayloadForm::kPlain) {
  FrameParser parser(frame_bytes_max, form);
  Parsed parsed;
  ParsedFrame frame;
  size_t begin = 0;
  cuts.push_back(bytes.size());
  for (size_t cut : cuts) {
    absl::Span<char> input(&bytes[begin], cut - begin);
    begin = cut;
    FramePiece piece;
    FrameParser::Result result;
    while ((result = parser.Next(input, piece)) == FrameParser::Result::kPiece) {
      const int flags = (piece.fin ? 0x80 : 0) | (piece.deflated ? 0x40 : 0);
      if (piece.first) frame = {static_cast<uint8_t>(flags | static_cast<uint8_t>(piece.opcode)), ""};
      frame.payload += std::string(piece.payload);
      if (piece.last) parsed.frames.push_back(frame);
    }
    if (result == FrameParser::Result::kError) {
      parsed.error = parser.error().code.code;
      return parsed;
    }
    EXPECT_TRUE(input.empty());
  }
  return parsed;
}

TEST(FrameCodecTest, ReadsTheExampleOfTheRfc) {
  const Parsed parsed = Parse({"\x81\x85\x37\xfa\x21\x3d\x7f\x9f\x4d\x51\x58", 11});
  ASSERT_EQ(parsed.frames.size(), 1u);
  EXPECT_EQ(parsed.frames[0], (ParsedFrame{0x81, "Hello"}));
}

TEST(FrameCodecTest, ReadsEveryLengthForm) {
  for (size_t size : {0, 1, 7, 8, 9, 125, 126, 127, 128, 65535, 65536, 100000}) {
    std::string payload(size, '\0');
    for (size_t i = 0; i < size; ++i) payload[i] = static_cast<char>(i * 7);
    const Parsed parsed = Parse(ClientFrame(0x82, payload));
    ASSERT_EQ(parsed.frames.size(), 1u) << size;
    EXPECT_EQ(parsed.frames[0], (ParsedFrame{0x82, payload})) << size;
  }
}

TEST(FrameCodecTest, ParsesTheSameAtEverySplitPoint) {
  const std::string bytes = ClientFrame(0x01, "first half, ") + ClientFrame(0x89, "ping") + ClientFrame(0x89, "") +
                            ClientFrame(0x80, "second half") + ClientFrame(0x82, std::string(300, 'b')) +
                            ClientFrame(0x88, "\x03\xE8");
  const Parsed whole = Parse(bytes);
  ASSERT_EQ(whole.frames.size(), 6u);
  for (size_t i = 0; i <= bytes.size(); ++i) {
    EXPECT_EQ(Parse(bytes, {i}).frames, whole.frames) << i;
    for (size_t j = i; j <= bytes.size(); j += 17)
      EXPECT_EQ(Parse(bytes, {i, j}).frames, whole.frames) << i << " " << j;
  }
  std::vector<size_t> each;
  for (size_t i = 1; i < bytes.size(); ++i) each.push_back(i);
  EXPECT_EQ(Parse(bytes, each).frames, whole.frames);
}

TEST(FrameCodecTest, RefusesWhatOneFrameCanGetWrong) {
  const struct {
    const char* what;
    std::string bytes;
    int code;
  } cases[] = {
      {"RSV1", ClientFrame(0xC1, "a"), 1002},
      {"RSV2", ClientFrame(0xA1, "a"), 1002},
      {"RSV3", ClientFrame(0x91, "a"), 1002},
      {"RSV1 on a ping", ClientFrame(0xC9, ""), 1002},
      {"opcode 3", ClientFrame(0x83, ""), 1002},
      {"opcode 7", ClientFrame(0x87, ""), 1002},
      {"opcode 11", ClientFrame(0x8B, ""), 1002},
      {"opcode 15", ClientFrame(0x8F, ""), 1002},
      {"fragmented ping", ClientFrame(0x09, "a"), 1002},
      {"fragmented pong", ClientFrame(0x0A, "a"), 1002},
      {"fragmented close", ClientFrame(0x08, ""), 1002},
      {"ping of 126 bytes", ClientFrame(0x89, std::string(126, 'x')), 1002},
      {"close of 126 bytes", ClientFrame(0x88, std::string(126, 'x')), 1002},
      {"not masked", {"\x81\x01x", 3}, 1002},
      {"16 bit length of 125", {"\x82\xFE\x00\x7D", 4}, 1002},
      {"64 bit length of 65535", {"\x82\xFF\x00\x00\x00\x00\x00\x00\xFF\xFF", 10}, 1002},
      {"64 bit length, highest bit", {"\x82\xFF\x80\x00\x00\x00\x00\x00\x00\x00", 10}, 1002},
      {"length above the limit", {"\x82\xFF\x00\x00\x00\x00\x00\x10\x00\x01", 10}, 1009},
  };
  for (const auto& c : cases) {
    const std::string padded = c.bytes + std::string(8, '\0');
    EXPECT_EQ(Parse(padded).error, c.code) << c.what;
    EXPECT_TRUE(Parse(padded).frames.empty()) << c.what;
    for (size_t i = 1; i < padded.size(); ++i) EXPECT_EQ(Parse(padded, {i}).error, c.code) << c.what << " cut at " << i;
  }
}

// RFC 7692, section 6: each first byte, with and without the agreement.
TEST(FrameCodecTest, Rsv1PassesOnTheFirstFrameOfAMessageWhereItWasAgreed) {
  for (int first = 0; first < 256; ++first) {
    const int opcode = first & 0x0F;
    const bool control = opcode >= 8;
    const bool known = opcode <= 2 || (opcode >= 8 && opcode <= 10);
    const bool fin = (first & 0x80) != 0, rsv1 = (first & 0x40) != 0, rsv23 = (first & 0x30) != 0;
    const bool good_plain = known && !rsv1 && !rsv23 && (fin || !control);
    const bool good_agreed = known && !rsv23 && (fin || !control) && (!rsv1 || opcode == 1 || opcode == 2);
    const std::string bytes = ClientFrame(static_cast<uint8_t>(first), "ab");
    for (const bool agreed : {false, true}) {
      const PayloadForm form = agreed ? PayloadForm::kDeflated : PayloadForm::kPlain;
      const Parsed parsed = Parse(bytes, {}, 1 << 20, form);
      EXPECT_EQ(parsed.error, (agreed ? good_agreed : good_plain) ? 0 : 1002) << first << " " << agreed;
      const ParsedFrame whole{static_cast<uint8_t>(first), "ab"};
      EXPECT_EQ(parsed.frames, parsed.error == 0 ? std::vector<ParsedFrame>{whole} : std::vector<ParsedFrame>())
          << first;
    }
  }
}

TEST(FrameCodecTest, EncodesRsv1) {
  EXPECT_EQ(EncodeFrame(Opcode::kText, "ab", PayloadForm::kDeflated),
            "\xC1\x02"
            "ab");
  char header[kServerHeaderBytesMax];
  ASSERT_EQ(EncodeFrameHeader(Opcode::kBinary, false, 3, header, PayloadForm::kDeflated), 2u);
  EXPECT_EQ(std::string(header, 2), "\x42\x03");
}

TEST(FrameCodecTest, AParserIsSmall) {
  // There is one for each client.
  EXPECT_LE(sizeof(FrameParser), 48u);
}

TEST(FrameCodecTest, BadFirstTwoBytesAreRefusedAtOnce) {
  EXPECT_EQ(Parse("\x83").error, 1002);
  EXPECT_EQ(Parse({"\x81\x00", 2}).error, 1002);
  EXPECT_EQ(Parse({"\x89\xFE", 2}).error, 1002);
}

TEST(FrameCodecTest, FramesBeforeAnErrorAreGiven) {
  const Parsed parsed = Parse(ClientFrame(0x81, "good") + ClientFrame(0x83, "bad") + ClientFrame(0x81, "never"));
  EXPECT_EQ(parsed.error, 1002);
  ASSERT_EQ(parsed.frames.size(), 1u);
}

TEST(FrameCodecTest, AFrameOfExactlyTheLimitPasses) {
  EXPECT_EQ(Parse(ClientFrame(0x82, std::string(200, 'x')), {}, 200).error, 0);
  EXPECT_EQ(Parse(ClientFrame(0x82, std::string(201, 'x')), {}, 200).error, 1009);
}

TEST(FrameCodecTest, EncodesTheShortestLength) {
  char header[kServerHeaderBytesMax];
  EXPECT_EQ(std::string(header, EncodeFrameHeader(Opcode::kText, true, 0, header)), std::string("\x81\x00", 2));
  EXPECT_EQ(std::string(header, EncodeFrameHeader(Opcode::kText, true, 125, header)), "\x81\x7D");
  EXPECT_EQ(std::string(header, EncodeFrameHeader(Opcode::kBinary, true, 126, header)),
            std::string("\x82\x7E\x00\x7E", 4));
  EXPECT_EQ(std::string(header, EncodeFrameHeader(Opcode::kText, false, 65535, header)), "\x01\x7E\xFF\xFF");
  EXPECT_EQ(std::string(header, EncodeFrameHeader(Opcode::kContinuation, true, 65536, header)),
            std::string("\x80\x7F\x00\x00\x00\x00\x00\x01\x00\x00", 10));
}

TEST(FrameCodecTest, EncodesWholeFrames) {
  EXPECT_EQ(EncodeFrame(Opcode::kText, "Hello"), "\x81\x05Hello");
  EXPECT_EQ(EncodeFrame(Opcode::kBinary, std::string(256, 'x')),
            std::string("\x82\x7E\x01\x00", 4) + std::string(256, 'x'));
  EXPECT_EQ(EncodeClose(1000, "bye"),
            "\x88\x05\x03\xE8"
            "bye");
  EXPECT_EQ(EncodeClose(4200, std::string(200, 'x')).size(), 2u + 125u);
}

// Mutated streams: no input may make it read outside its buffers (the sanitizers watch) or hand out more than came in.
TEST(FrameCodecTest, MutatedStreamsNeverHandOutMoreThanCameIn) {
  std::mt19937 random(20240801);
  const std::string seed = ClientFrame(0x01, "frag") + ClientFrame(0x89, "p") + ClientFrame(0x80, "ment") +
                           ClientFrame(0x82, std::string(400, 'b')) + ClientFrame(0x82, std::string(70000, 'c'));
  for (int round = 0; round < 3000; ++round) {
    std::string bytes = seed.substr(random() % 40, 40 + random() % 1000);
    for (int i = random() % 8; i > 0; --i) bytes[random() % bytes.size()] = static_cast<char>(random());
    std::vector<size_t> cuts;
    for (size_t at = 0; (at += 1 + random() % 50) < bytes.size();) cuts.push_back(at);
    const Parsed split = Parse(bytes, cuts);
    const Parsed whole = Parse(bytes);
    EXPECT_EQ(split.frames, whole.frames);
    EXPECT_EQ(split.error, whole.error);
    size_t payload = 0;
    for (const ParsedFrame& frame : whole.frames) payload += 6 + frame.payload.size();
    EXPECT_LE(payload, bytes.size());
  }
}

}  // namespace
}  // namespace gateway
