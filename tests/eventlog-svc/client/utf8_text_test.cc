#include "eventlog-svc/client/utf8_text.h"

#include <cstdint>
#include <string>

#include "gtest/gtest.h"

namespace eventlog {
namespace {

std::string Encoded(uint32_t point) {
  const auto tail = [&](int shift) { return static_cast<char>(0x80 | ((point >> shift) & 0x3F)); };
  if (point < 0x80) return {static_cast<char>(point)};
  if (point < 0x800) return {static_cast<char>(0xC0 | (point >> 6)), tail(0)};
  if (point < 0x10000) return {static_cast<char>(0xE0 | (point >> 12)), tail(6), tail(0)};
  return {static_cast<char>(0xF0 | (point >> 18)), tail(12), tail(6), tail(0)};
}

TEST(Utf8TextTest, EachCharacterIsOneAndNoSurrogateIs) {
  for (uint32_t point = 0; point < 0x120000; ++point) {
    const bool is_character = point < 0x110000 && (point < 0xD800 || point >= 0xE000);
    const std::string bytes = Encoded(point);
    const Utf8Sequence first = FirstUtf8Sequence(bytes);
    ASSERT_EQ(first.valid, is_character) << point;
    ASSERT_FALSE(first.cut) << point;
    if (is_character) {
      ASSERT_EQ(first.size, bytes.size()) << point;
    }
  }
}

TEST(Utf8TextTest, WhatIsCutCouldBecomeACharacter) {
  for (const std::string& whole : {Encoded(0xFC), Encoded(0x20AC), Encoded(0x1F600)}) {
    for (size_t size = 1; size < whole.size(); ++size) {
      const Utf8Sequence first = FirstUtf8Sequence(whole.substr(0, size));
      EXPECT_TRUE(first.cut && !first.valid) << size;
      EXPECT_EQ(first.size, size);
      const Utf8Sequence broken = FirstUtf8Sequence(whole.substr(0, size) + "z");
      EXPECT_FALSE(broken.cut || broken.valid) << size;
      EXPECT_EQ(broken.size, size);
    }
  }
}

TEST(Utf8TextTest, AllOfAValidTextIsCharacters) {
  for (const char* text : {"", "plain", "gr\xC3\xBC\xC3\x9F", "\xE2\x82\xAC", "\xF0\x9F\x98\x80", "\xF4\x8F\xBF\xBF"}) {
    EXPECT_TRUE(IsValidUtf8(text)) << text;
  }
  // Nothing begins so; overlong; a surrogate; above U+10FFFF; cut.
  for (const char* bytes :
       {"a\x80", "a\xFF", "\xC0\x80", "\xC1\xBF", "\xE0\x9F\xBF", "\xF0\x8F\xBF\xBF", "\xED\xA0\x80",
        "\xF4\x90\x80\x80", "\xF5\x80\x80\x80", "a\xC3", "\xE2\x82z", "a\xF0\x9F"}) {
    EXPECT_FALSE(IsValidUtf8(bytes)) << testing::PrintToString(bytes);
  }
  EXPECT_TRUE(IsValidUtf8(absl::string_view("\0", 1)));
}

}  // namespace
}  // namespace eventlog
