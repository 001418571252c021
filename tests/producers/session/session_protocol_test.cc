#include "producers/session/session_protocol.h"

#include <optional>
#include <random>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "proto/session/v1/daemon.pb.h"
#include "tests/support/status_matchers.h"

namespace eventlog {
namespace {

session::v1::ClientMessage Input(const std::string& text) {
  session::v1::ClientMessage message;
  message.set_input(text);
  return message;
}

TEST(SessionProtocolTest, MessagesComeOutAsTheyWentInHoweverTheBytesAreCut) {
  std::string stream;
  std::vector<std::string> sent;
  for (int size : {0, 1, 127, 128, 70'000}) {
    sent.push_back(Input(std::string(size, 'x')).SerializeAsString());
    absl::StatusOr<std::string> frame = EncodeFrame(Input(std::string(size, 'x')));
    ASSERT_THAT(frame.status(), IsOk());
    stream += *frame;
  }
  for (size_t cut : {size_t{1}, size_t{3}, size_t{4}, size_t{5}, size_t{1000}, stream.size()}) {
    FrameReader reader;
    std::vector<std::string> received;
    for (size_t begin = 0; begin < stream.size(); begin += cut) {
      reader.Feed(absl::string_view(stream).substr(begin, cut));
      for (;;) {
        absl::StatusOr<std::optional<std::string>> message = reader.Next();
        ASSERT_THAT(message.status(), IsOk());
        if (!message->has_value()) break;
        received.push_back(**message);
      }
    }
    EXPECT_EQ(sent, received) << cut;
    EXPECT_FALSE(reader.InFrame());
  }
}

TEST(SessionProtocolTest, TheLengthIsBigEndian) {
  absl::StatusOr<std::string> frame = EncodeFrame(Input(std::string(300, 'x')));
  ASSERT_THAT(frame.status(), IsOk());
  EXPECT_EQ(std::string("\0\0\1\x2f", 4), frame->substr(0, 4));
}

TEST(SessionProtocolTest, ATooLongMessageIsNotSent) {
  EXPECT_THAT(EncodeFrame(Input(std::string(kFrameBytesMax - 5, 'x'))).status(), IsOk());
  EXPECT_THAT(EncodeFrame(Input(std::string(kFrameBytesMax, 'x'))).status(),
              StatusIs(absl::StatusCode::kInvalidArgument));
}

TEST(SessionProtocolTest, AnImpossibleLengthIsAnErrorForEver) {
  for (const std::string& header : {std::string(4, '\0'), std::string("\0\x10\0\1", 4), std::string("GET ")}) {
    FrameReader reader;
    reader.Feed(header.substr(0, 3));
    EXPECT_EQ(std::nullopt, *reader.Next());
    reader.Feed(header.substr(3));
    EXPECT_THAT(reader.Next().status(), StatusIs(absl::StatusCode::kInvalidArgument));
    reader.Feed(*EncodeFrame(Input("x")));
    EXPECT_THAT(reader.Next().status(), StatusIs(absl::StatusCode::kInvalidArgument));
  }
}

TEST(SessionProtocolTest, ACutMessageIsSeen) {
  FrameReader reader;
  reader.Feed(EncodeFrame(Input("hello"))->substr(0, 7));
  EXPECT_EQ(std::nullopt, *reader.Next());
  EXPECT_TRUE(reader.InFrame());
}

// Whatever comes, the reader keeps no more than a frame and gives no more than came.
TEST(SessionProtocolTest, GarbageIsBounded) {
  std::mt19937 random(7);
  for (int round = 0; round < 2000; ++round) {
    FrameReader reader;
    size_t fed = 0, given = 0;
    for (int piece = 0; piece < 5; ++piece) {
      std::string bytes(random() % 40, '\0');
      for (char& byte : bytes) byte = static_cast<char>(random() % 4 == 0 ? random() : 0);
      fed += bytes.size();
      reader.Feed(bytes);
      absl::StatusOr<std::optional<std::string>> message = reader.Next();
      if (!message.ok()) break;
      if (message->has_value()) given += kFrameHeaderBytes + (*message)->size();
    }
    EXPECT_LE(given, fed);
  }
}

}  // namespace
}  // namespace eventlog
