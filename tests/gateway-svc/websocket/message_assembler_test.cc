#include "gateway-svc/websocket/message_assembler.h"

#include <string>
#include <vector>

#include "gtest/gtest.h"

namespace gateway {
namespace {

using Result = MessageAssembler::Result;

FramePiece Whole(uint8_t first, absl::string_view payload) {
  FramePiece piece;
  piece.opcode = static_cast<Opcode>(first & 0x0F);
  piece.fin = (first & 0x80) != 0;
  piece.first = piece.last = true;
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

}  // namespace
}  // namespace gateway
