#include "gateway-svc/websocket/message_deflater.h"

#include <random>
#include <string>
#include <vector>

#include "gtest/gtest.h"
#include "tests/gateway-svc/websocket/raw_deflate.h"

namespace gateway {
namespace {

std::string Json(int events) {
  std::string text;
  for (int i = 0; i < events; ++i) {
    text += R"({"offset":)" + std::to_string(i) + R"(,"type":"session.created","subject":"s)" +
            std::to_string(i * 7919) + R"(","source":"/","attributes":{},"data":{"n":)" + std::to_string(i * i) +
            "}}\n";
  }
  return text;
}

std::string Noise(size_t size, uint32_t seed) {
  std::mt19937 random(seed);
  std::string bytes(size, '\0');
  for (char& c : bytes) c = static_cast<char>(random());
  return bytes;
}

TEST(MessageDeflaterTest, TheExamplesOfTheRfcComeOut) {
  // Level 6 chooses the block of section 7.2.3.1; an empty message is section 7.2.3.6.
  DeflateOptions options;
  options.level = 6;
  MessageDeflater deflater(options);
  EXPECT_EQ(deflater.Deflate("Hello"), absl::string_view("\xF2\x48\xCD\xC9\xC9\x07\x00", 7));
  EXPECT_EQ(deflater.Deflate(""), absl::string_view("\x00", 1));
  // And again: without context takeover a second "Hello" is as long as the first.
  EXPECT_EQ(deflater.Deflate("Hello"), absl::string_view("\xF2\x48\xCD\xC9\xC9\x07\x00", 7));
}

TEST(MessageDeflaterTest, WithEveryLevelWindowAndMemoryLevelMessagesInflateInThatWindow) {
  const std::vector<std::string> messages = {
      "",        "x",         "Hello",        std::string(300, 'a'), Json(2),
      Json(600), Noise(5, 1), Noise(1000, 2), Noise(100'000, 3),     std::string(200'000, 'b')};
  for (int level = 0; level <= 9; ++level) {
    for (int bits = kWindowBitsMin; bits <= kWindowBitsMax; bits += 2) {
      for (const int memory_level : {1, 5, 8, 9}) {
        DeflateOptions options;
        options.level = level;
        options.window_bits = bits;
        options.memory_level = memory_level;
        MessageDeflater deflater(options);
        for (const std::string& message : messages) {
          ASSERT_EQ(RawInflate(deflater.Deflate(message), bits), message)
              << level << " " << bits << " " << memory_level;
        }
      }
    }
  }
}

// The reference above can tell: a window that is too large shows.
TEST(MessageDeflaterTest, ALargerWindowThanTheClientsWouldBeNoticed) {
  const std::string far = Noise(2000, 4);
  DeflateOptions options;
  options.window_bits = 15;
  MessageDeflater deflater(options);
  const std::string payload(deflater.Deflate(far + far));
  EXPECT_TRUE(RawInflate(payload, 9) == "?invalid distance too far back");
  EXPECT_TRUE(RawInflate(payload, 12) == far + far);
}

TEST(MessageDeflaterTest, MessagesDoNotDependOnThoseBefore) {
  MessageDeflater used{DeflateOptions()};
  for (int i = 0; i < 50; ++i) {
    const std::string message = Json(i % 7 + 1) + Noise(static_cast<size_t>(i), 5);
    MessageDeflater fresh{DeflateOptions()};
    ASSERT_EQ(used.Deflate(message), fresh.Deflate(message)) << i;
  }
}

TEST(MessageDeflaterTest, LargeMessagesPassAndTheirBufferGoes) {
  MessageDeflater deflater{DeflateOptions()};
  const std::string large = Noise(5 << 20, 6);
  EXPECT_EQ(RawInflate(deflater.Deflate(large)), large);
  EXPECT_EQ(RawInflate(deflater.Deflate("small")), "small");
}

TEST(MessageDeflaterTest, AFrameOfWhatShrinksHasRsv1) {
  MessageDeflater deflater{DeflateOptions()};
  const std::string message = Json(100);
  const std::string payload(deflater.Deflate(message));
  ASSERT_LT(payload.size(), message.size() / 3);
  EXPECT_EQ(EncodeDeflatedText(deflater, message), EncodeFrame(Opcode::kText, payload, PayloadForm::kDeflated));
  EXPECT_EQ(static_cast<uint8_t>(EncodeDeflatedText(deflater, message)[0]), 0xC1);
  EXPECT_EQ(static_cast<uint8_t>(EncodeDeflated(deflater, Opcode::kBinary, message)[0]), 0xC2);
}

TEST(MessageDeflaterTest, WhatDoesNotShrinkIsSentPlain) {
  MessageDeflater deflater{DeflateOptions()};
  for (const std::string& message : {std::string(), std::string("x"), std::string("Hello"), Noise(3000, 7)}) {
    EXPECT_EQ(EncodeDeflatedText(deflater, message), EncodeFrame(Opcode::kText, message));
  }
}

TEST(MessageDeflaterDeathTest, AWindowOfEightBitsIsRefused) {
  DeflateOptions options;
  options.window_bits = 8;
  EXPECT_DEATH(MessageDeflater{options}, "window_bits");
}

}  // namespace
}  // namespace gateway
