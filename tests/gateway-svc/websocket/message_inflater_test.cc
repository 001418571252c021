#include "gateway-svc/websocket/message_inflater.h"

#include <random>
#include <string>

#include "gtest/gtest.h"
#include "tests/gateway-svc/websocket/raw_deflate.h"

namespace gateway {
namespace {

using Result = MessageInflater::Result;

constexpr size_t kNoBound = size_t{1} << 30;
constexpr InflateLimits kNoRatio{0, 0};

std::string Bytes(std::initializer_list<int> bytes) {
  std::string text;
  for (const int byte : bytes) text += static_cast<char>(byte);
  return text;
}

// RFC 7692, section 7.2.3.
TEST(MessageInflaterTest, TheExamplesOfTheRfc) {
  MessageInflater inflater;
  const struct {
    const char* what;
    std::string payload;
    std::string message;
  } cases[] = {
      {"7.2.3.1, one block", Bytes({0xF2, 0x48, 0xCD, 0xC9, 0xC9, 0x07, 0x00}), "Hello"},
      {"7.2.3.3, a block without compression",
       Bytes({0x00, 0x05, 0x00, 0xFA, 0xFF, 0x48, 0x65, 0x6C, 0x6C, 0x6F, 0x00}), "Hello"},
      {"7.2.3.4, a block with BFINAL", Bytes({0xF3, 0x48, 0xCD, 0xC9, 0xC9, 0x07, 0x00, 0x00}), "Hello"},
      {"7.2.3.5, two blocks", Bytes({0xF2, 0x48, 0x05, 0x00, 0x00, 0x00, 0xFF, 0xFF, 0xCA, 0xC9, 0xC9, 0x07, 0x00}),
       "Hello"},
      {"7.2.3.6, an empty message", Bytes({0x00}), ""},
      {"nothing at all", "", ""},
      {"BFINAL, and nothing behind it", Bytes({0xF3, 0x48, 0xCD, 0xC9, 0xC9, 0x07, 0x00}), "Hello"},
      {"two data sets, each with BFINAL",
       Bytes({0xF3, 0x48, 0xCD, 0xC9, 0xC9, 0x07, 0x00, 0xF3, 0x48, 0xCD, 0xC9, 0xC9, 0x07, 0x00, 0x00}), "HelloHello"},
  };
  for (const auto& c : cases) {
    std::string message = "of before";
    EXPECT_EQ(inflater.Inflate(c.payload, 100, message), Result::kOk) << c.what;
    EXPECT_EQ(message, c.message) << c.what;
  }
}

// Section 7.2.3.2: the second "Hello" refers to the first, which is not there without context takeover.
TEST(MessageInflaterTest, AReferenceToTheMessageBeforeIsDamage) {
  MessageInflater inflater;
  std::string message;
  ASSERT_EQ(inflater.Inflate(Bytes({0xF2, 0x48, 0xCD, 0xC9, 0xC9, 0x07, 0x00}), 100, message), Result::kOk);
  EXPECT_EQ(inflater.Inflate(Bytes({0xF2, 0x00, 0x11, 0x00, 0x00}), 100, message), Result::kDamaged);
  ASSERT_EQ(inflater.Inflate(Bytes({0xF2, 0x48, 0xCD, 0xC9, 0xC9, 0x07, 0x00}), 100, message), Result::kOk);
  EXPECT_EQ(message, "Hello");
}

TEST(MessageInflaterTest, WhateverASenderChoosesInflates) {
  std::mt19937 random(1);
  MessageInflater inflater(kNoRatio);
  std::string text;
  for (int i = 0; i < 3000; ++i)
    text += "event " + std::to_string(random() % 1000) + (i % 3 == 0 ? "\xE2\x82\xAC" : " ");
  for (int level = 0; level <= 9; ++level) {
    for (const int strategy : {Z_DEFAULT_STRATEGY, Z_FILTERED, Z_HUFFMAN_ONLY, Z_RLE, Z_FIXED}) {
      for (const size_t block_bytes : {size_t{1000}, text.size()}) {
        for (const bool final_block : {false, true}) {
          const int window_bits = 9 + static_cast<int>(random() % 7);
          const std::string payload = RawDeflate(text, {level, window_bits, 8, strategy, block_bytes, final_block});
          std::string message;
          ASSERT_EQ(inflater.Inflate(payload, text.size(), message), Result::kOk) << level << " " << strategy;
          ASSERT_EQ(message, text);
        }
      }
    }
  }
}

TEST(MessageInflaterTest, DamagedDataIsRefused) {
  MessageInflater inflater;
  std::string message;
  for (const std::string& payload : {
           Bytes({0xFF}),                                                 // a block of the reserved kind
           Bytes({0x06}),                                                 // the same, without BFINAL
           Bytes({0x00, 0x05, 0x00, 0xFA, 0xFE, 0x48}),                   // a stored length and its complement differ
           Bytes({0x00, 0x05, 0x00, 0xFA, 0xFF, 0x48}),                   // a stored block that is cut short
           Bytes({0xF2, 0x48, 0xCD, 0xC9}),                               // a compressed block that is cut short
           Bytes({0xF2, 0x48, 0xCD, 0xC9, 0xC9, 0x07}),                   // no empty block behind the last
           Bytes({0xF3, 0x48, 0xCD, 0xC9, 0xC9, 0x07, 0x00, 0x00, 0x00})  // more behind it than one
       }) {
    EXPECT_EQ(inflater.Inflate(payload, 100, message), Result::kDamaged) << testing::PrintToString(payload);
  }
}

TEST(MessageInflaterTest, EveryCutOfAMessageIsDamage) {
  MessageInflater inflater;
  std::string text, message;
  for (int i = 0; i < 200; ++i) text += std::to_string(i * i);
  const std::string payload = RawDeflate(text);
  for (size_t size = 1; size < payload.size(); ++size) {
    EXPECT_EQ(inflater.Inflate(payload.substr(0, size), kNoBound, message), Result::kDamaged) << size;
  }
}

TEST(MessageInflaterTest, AMessageOfExactlyTheBoundPasses) {
  MessageInflater inflater(kNoRatio);
  std::string message;
  RawDeflateOptions final_block;
  final_block.final_block = true;
  for (const size_t size : {1, 100, 16383, 16384, 16385, 32768, 100'000}) {
    const std::string text(size, 'x'), ended = RawDeflate(text, final_block);
    // The last without the empty block that the RFC wants behind one with BFINAL.
    for (const std::string& payload : {RawDeflate(text), ended, ended.substr(0, ended.size() - 1)}) {
      EXPECT_EQ(inflater.Inflate(payload, size, message), Result::kOk) << size;
      EXPECT_EQ(message.size(), size);
      EXPECT_EQ(inflater.Inflate(payload, kNoBound, message), Result::kOk) << size;
      EXPECT_EQ(message.size(), size);
      EXPECT_EQ(inflater.Inflate(payload, size - 1, message), Result::kTooBig) << size;
      EXPECT_LE(message.size(), size);
    }
  }
}

TEST(MessageInflaterTest, ABombIsRefusedByItsRatio) {
  MessageInflater inflater(InflateLimits{200, 64 * 1024});
  std::string message;
  const std::string bomb = RawDeflate(std::string(50 << 20, '\0'), {9});
  ASSERT_LT(bomb.size(), 60'000u);
  EXPECT_EQ(inflater.Inflate(bomb, kNoBound, message), Result::kRatio);
  // It was not inflated to find out.
  EXPECT_LE(message.size(), 200 * bomb.size());
  // Where the message may not be that large anyway, the size is what is wrong.
  EXPECT_EQ(inflater.Inflate(bomb, 1 << 20, message), Result::kTooBig);
  EXPECT_LE(message.size(), size_t{1} << 20);
}

TEST(MessageInflaterTest, TheRatioCountsFromItsFreeBytesOn) {
  MessageInflater inflater(InflateLimits{200, 64 * 1024});
  std::string message;
  const std::string free = RawDeflate(std::string(64 * 1024, 'x'), {9});
  ASSERT_GT(64 * 1024 / free.size(), 200u);
  EXPECT_EQ(inflater.Inflate(free, kNoBound, message), Result::kOk);
  const std::string above = RawDeflate(std::string(64 * 1024 + 1, 'x'), {9});
  EXPECT_EQ(inflater.Inflate(above, kNoBound, message), Result::kRatio);
  // As large, but within the ratio.
  std::mt19937 random(2);
  std::string text(64 * 1024 + 1, 'x');
  for (int i = 0; i < 400; ++i) text[random() % text.size()] = static_cast<char>(random());
  const std::string fair = RawDeflate(text, {9});
  ASSERT_LT(text.size() / fair.size(), 200u);
  EXPECT_EQ(inflater.Inflate(fair, kNoBound, message), Result::kOk);
  EXPECT_EQ(message, text);
}

TEST(MessageInflaterTest, WhatCompressingMakesLargerFitsItsBound) {
  std::mt19937 random(3);
  for (const size_t size : {0, 1, 10, 1000, 16384, 65537}) {
    std::string noise(size, '\0');
    for (char& c : noise) c = static_cast<char>(random());
    for (const int level : {0, 1, 6, 9}) {
      for (const int memory_level : {1, 5, 8}) {
        for (const int strategy : {Z_DEFAULT_STRATEGY, Z_HUFFMAN_ONLY, Z_FIXED}) {
          const std::string payload = RawDeflate(noise, {level, 15, memory_level, strategy});
          EXPECT_LE(payload.size(), DeflatedBytesMax(size)) << size << " " << level << " " << memory_level;
        }
      }
    }
  }
}

}  // namespace
}  // namespace gateway
