#include "gateway-svc/websocket/message_assembler.h"

#include <string>
#include <vector>

#include "gtest/gtest.h"
#include "tests/gateway-svc/websocket/raw_deflate.h"

namespace gateway {
namespace {

using Result = MessageAssembler::Result;

FramePiece Whole(uint8_t first, absl::string_view payload) {
  FramePiece piece;
  piece.opcode = static_cast<Opcode>(first & 0x0F);
  piece.fin = (first & 0x80) != 0;
  piece.first = piece.last = true;
  piece.deflated = (first & 0x40) != 0;
  piece.frame_length = payload.size();
  piece.payload = payload;
  return piece;
}

TEST(MessageAssemblerTest, FragmentsBecomeOneMessage) {
  MessageAssembler assembler(100);
  EXPECT_EQ(assembler.Add(Whole(0x01, "one ")), Result::kNone);
  EXPECT_EQ(assembler.Add(Whole(0x00, "")), Result::kNone);
  EXPECT_EQ(assembler.Add(Whole(0x00, "two ")), Result::kNone);
  EXPECT_EQ(assembler.Add(Whole(0x80, "three")), Result::kText);
  EXPECT_EQ(assembler.payload(), "one two three");
  EXPECT_EQ(assembler.Add(Whole(0x82, "next")), Result::kBinary);
  EXPECT_EQ(assembler.payload(), "next");
}

TEST(MessageAssemblerTest, EmptyMessagesAreMessages) {
  MessageAssembler assembler(100);
  EXPECT_EQ(assembler.Add(Whole(0x81, "")), Result::kText);
  EXPECT_EQ(assembler.payload(), "");
  EXPECT_EQ(assembler.Add(Whole(0x01, "")), Result::kNone);
  EXPECT_EQ(assembler.Add(Whole(0x80, "")), Result::kText);
}

TEST(MessageAssemblerTest, ControlFramesBetweenFragmentsLeaveTheMessageAlone) {
  MessageAssembler assembler(100);
  EXPECT_EQ(assembler.Add(Whole(0x01, "a")), Result::kNone);
  EXPECT_EQ(assembler.Add(Whole(0x89, "ping")), Result::kPing);
  EXPECT_EQ(assembler.payload(), "ping");
  EXPECT_EQ(assembler.Add(Whole(0x8A, "pong")), Result::kPong);
  EXPECT_EQ(assembler.payload(), "pong");
  EXPECT_EQ(assembler.Add(Whole(0x80, "b")), Result::kText);
  EXPECT_EQ(assembler.payload(), "ab");
}

TEST(MessageAssemblerTest, WrongSequencesAreProtocolErrors) {
  const std::vector<std::vector<uint8_t>> sequences = {{0x80}, {0x00}, {0x01, 0x81}, {0x01, 0x02}, {0x01, 0x80, 0x80}};
  for (const auto& sequence : sequences) {
    MessageAssembler assembler(100);
    Result last = Result::kNone;
    for (uint8_t first : sequence) last = assembler.Add(Whole(first, "x"));
    EXPECT_EQ(last, Result::kError);
    EXPECT_EQ(assembler.error().code.code, 1002);
    EXPECT_EQ(assembler.Add(Whole(0x81, "x")), Result::kError) << "takes nothing after an error";
  }
}

TEST(MessageAssemblerTest, TextFailsAtTheFirstImpossibleByte) {
  MessageAssembler assembler(100);
  EXPECT_EQ(assembler.Add(Whole(0x01, "\xCE\xBA\xF4")), Result::kNone);
  EXPECT_EQ(assembler.Add(Whole(0x00, "\x90")), Result::kError);
  EXPECT_EQ(assembler.error().code.code, 1007);

  MessageAssembler pieces(100);
  FramePiece piece = Whole(0x81, "\xC3(");
  piece.last = false;
  piece.frame_length = 50;
  EXPECT_EQ(pieces.Add(piece), Result::kError) << "before the frame is whole";
}

TEST(MessageAssemblerTest, ACharacterMaySpanFragmentsButNotTheEnd) {
  MessageAssembler assembler(100);
  EXPECT_EQ(assembler.Add(Whole(0x01, "\xE2\x82")), Result::kNone);
  EXPECT_EQ(assembler.Add(Whole(0x80, "\xAC")), Result::kText);
  EXPECT_EQ(assembler.Add(Whole(0x81, "\xE2\x82")), Result::kError);
  EXPECT_EQ(assembler.error().code.code, 1007);
}

TEST(MessageAssemblerTest, BinaryIsNotChecked) {
  MessageAssembler assembler(100);
  EXPECT_EQ(assembler.Add(Whole(0x82, "\xFF\xFE")), Result::kBinary);
}

TEST(MessageAssemblerTest, TheLimitHoldsOverFragments) {
  MessageAssembler assembler(10);
  EXPECT_EQ(assembler.Add(Whole(0x02, "123456")), Result::kNone);
  EXPECT_EQ(assembler.Add(Whole(0x80, "7890")), Result::kBinary);
  EXPECT_EQ(assembler.Add(Whole(0x02, "123456")), Result::kNone);
  FramePiece header = Whole(0x80, "");
  header.last = false;
  header.frame_length = 5;
  EXPECT_EQ(assembler.Add(header), Result::kError) << "when the header is there";
  EXPECT_EQ(assembler.error().code.code, 1009);
}

TEST(MessageAssemblerTest, CloseFramesAreRead) {
  MessageAssembler assembler(100);
  EXPECT_EQ(assembler.Add(Whole(0x88, "")), Result::kClose);
  EXPECT_EQ(assembler.close_code(), 1005);
  EXPECT_EQ(assembler.Add(Whole(0x88,
                                "\x03\xE8"
                                "bye")),
            Result::kClose);
  EXPECT_EQ(assembler.close_code(), 1000);
  EXPECT_EQ(assembler.payload(), "bye");
}

TEST(MessageAssemblerTest, BadCloseFramesAreErrors) {
  const struct {
    std::string payload;
    int code;
  } cases[] = {{"\x03", 1002}, {"\x03\xED", 1002}, {"\x03\xE8\xFF", 1007}, {"\x03\xE8\xE2\x82", 1007}};
  for (const auto& c : cases) {
    MessageAssembler assembler(100);
    EXPECT_EQ(assembler.Add(Whole(0x88, c.payload)), Result::kError);
    EXPECT_EQ(assembler.error().code.code, c.code);
  }
}

// RFC 7692, section 7.2.3.1: "Hello" whole and in two fragments; RSV1 is on the first alone.
TEST(MessageAssemblerTest, CompressedMessagesAreInflated) {
  MessageInflater inflater;
  MessageAssembler assembler(100, &inflater);
  EXPECT_EQ(assembler.Add(Whole(0xC1, absl::string_view("\xF2\x48\xCD\xC9\xC9\x07\x00", 7))), Result::kText);
  EXPECT_EQ(assembler.payload(), "Hello");
  EXPECT_EQ(assembler.Add(Whole(0x41, "\xF2\x48\xCD")), Result::kNone);
  EXPECT_EQ(assembler.Add(Whole(0x89, "ping")), Result::kPing);
  EXPECT_EQ(assembler.payload(), "ping");
  EXPECT_EQ(assembler.Add(Whole(0x80, absl::string_view("\xC9\xC9\x07\x00", 4))), Result::kText);
  EXPECT_EQ(assembler.payload(), "Hello");
  EXPECT_EQ(assembler.Add(Whole(0x81, "plain")), Result::kText);
  EXPECT_EQ(assembler.payload(), "plain");
  EXPECT_EQ(assembler.Add(Whole(0xC2, absl::string_view("\x00", 1))), Result::kBinary);
  EXPECT_EQ(assembler.payload(), "");
}

TEST(MessageAssemblerTest, AssemblersShareAnInflaterBetweenTheirFragments) {
  MessageInflater inflater;
  MessageAssembler one(1000, &inflater), other(1000, &inflater);
  const std::string text = "one, and one more, and one more of the same", data = RawDeflate(text);
  for (size_t at = 0; at + 1 < data.size(); ++at) {
    const auto first = static_cast<uint8_t>(at == 0 ? 0x41 : 0x00);
    EXPECT_EQ(one.Add(Whole(first, data.substr(at, 1))), Result::kNone);
    EXPECT_EQ(other.Add(Whole(0xC1, data)), Result::kText);
    EXPECT_EQ(other.payload(), text);
  }
  EXPECT_EQ(one.Add(Whole(0x80, data.substr(data.size() - 1))), Result::kText);
  EXPECT_EQ(one.payload(), text);
}

TEST(MessageAssemblerTest, CompressedTextIsCheckedWhenItIsInflated) {
  MessageInflater inflater;
  const struct {
    uint8_t first;
    std::string payload;
    int code;
  } cases[] = {
      {0xC1, RawDeflate("\xC3("), 1007},
      {0xC1, RawDeflate("ends in \xE2\x82"), 1007},
      {0xC1, RawDeflate("\xED\xA0\x80"), 1007},
      {0xC1, "no deflate data", 1007},
      {0xC2, "\xFF", 1007},
      {0xC2, RawDeflate("\xC3("), 0},
      {0xC1, RawDeflate("\xE2\x82\xAC"), 0},
  };
  for (const auto& c : cases) {
    MessageAssembler assembler(100, &inflater);
    const Result result = assembler.Add(Whole(c.first, c.payload));
    EXPECT_EQ(result == Result::kError ? assembler.error().code.code : 0, c.code) << testing::PrintToString(c.payload);
  }
}

TEST(MessageAssemblerTest, ACompressedMessageIsBoundedBeforeAndAfterItIsInflated) {
  MessageInflater inflater;
  const auto fails_as = [&](uint8_t first, const std::string& payload, size_t bytes_max) -> std::string {
    MessageAssembler assembler(bytes_max, &inflater);
    return assembler.Add(Whole(first, payload)) == Result::kError ? assembler.error().code.name : "";
  };
  EXPECT_EQ(fails_as(0xC1, RawDeflate(std::string(1000, 'x')), 1000), "");
  EXPECT_EQ(fails_as(0xC1, RawDeflate(std::string(1001, 'x')), 1000), "too_big");
  EXPECT_EQ(fails_as(0xC1, RawDeflate(std::string(1 << 20, 'x')), 2 << 20), "inflate_ratio");
  EXPECT_EQ(fails_as(0xC1, RawDeflate(std::string(1 << 20, 'x')), 1000), "too_big");
  // Refused by its header: nothing of it is kept.
  MessageAssembler assembler(1000, &inflater);
  FramePiece piece = Whole(0xC1, "");
  piece.last = false;
  piece.frame_length = DeflatedBytesMax(1000) + 1;
  EXPECT_EQ(assembler.Add(piece), Result::kError);
  EXPECT_EQ(assembler.error().code.code, 1009);
}

TEST(MessageAssemblerTest, ALargeCompressedMessageFitsThoughItDoesNotShrink) {
  MessageInflater inflater;
  std::string noise;
  for (uint32_t i = 0; i < 5000; ++i) noise += static_cast<char>((i * 2654435761u) >> 24);
  const std::string payload = RawDeflate(noise, {0});
  ASSERT_GT(payload.size(), noise.size());
  MessageAssembler assembler(noise.size(), &inflater);
  EXPECT_EQ(assembler.Add(Whole(0xC2, payload)), Result::kBinary);
  EXPECT_EQ(assembler.payload(), noise);
}

}  // namespace
}  // namespace gateway
