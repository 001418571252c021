#include "gateway-svc/websocket/utf8_validator.h"

#include <string>

#include "gtest/gtest.h"

namespace gateway {
namespace {

// Fed one byte at a time; returns how many were taken before the first that was refused.
size_t Taken(const std::string& text) {
  Utf8Validator validator;
  for (size_t i = 0; i < text.size(); ++i) {
    if (!validator.Add(absl::string_view(&text[i], 1))) return i;
  }
  return text.size();
}

bool Valid(const std::string& text) {
  Utf8Validator validator;
  return validator.Add(text) && validator.complete();
}

TEST(Utf8ValidatorTest, ValidTextsPass) {
  for (const std::string text :
       {"", "plain ASCII that is longer than eight bytes", "\xC2\x80", "\xDF\xBF", "\xE0\xA0\x80", "\xED\x9F\xBF",
        "\xEE\x80\x80", "\xEF\xBF\xBF", "\xF0\x90\x80\x80", "\xF4\x8F\xBF\xBF", "\xCE\xBA\xE1\xBD\xB9\xCF\x83",
        "eight by\xC3\xA9 then more than eight"}) {
    EXPECT_TRUE(Valid(text)) << text;
    EXPECT_EQ(Taken(text), text.size()) << text;
  }
}

TEST(Utf8ValidatorTest, FailsAtTheFirstImpossibleByte) {
  const struct {
    std::string text;
    size_t taken;
  } cases[] = {
      {"\x80", 0},                // a continuation that continues nothing
      {"\xC0\xAF", 0},            // overlong
      {"\xC1\xBF", 0},            // overlong
      {"\xE0\x9F\xBF", 1},        // overlong
      {"\xF0\x8F\xBF\xBF", 1},    // overlong
      {"\xED\xA0\x80", 1},        // surrogate
      {"\xF4\x90\x80\x80", 1},    // above U+10FFFF
      {"\xF5\x80\x80\x80", 0},    // above U+10FFFF
      {"\xFE", 0},                // never
      {"\xFF", 0},                // never
      {"abcdefgh\xC3(", 9},       // a character cut short by another
      {"abcdefgh\xE2\x82z", 10},  // likewise
      {"\xF0\x90\x80\xC2", 3},    // likewise
      {std::string("ok\0\xC3\xC3", 5), 4},
  };
  for (const auto& c : cases) {
    EXPECT_EQ(Taken(c.text), c.taken) << c.text;
    EXPECT_FALSE(Valid(c.text)) << c.text;
  }
}

TEST(Utf8ValidatorTest, AnUnfinishedCharacterIsNotComplete) {
  Utf8Validator validator;
  EXPECT_TRUE(validator.Add("\xE2\x82"));
  EXPECT_FALSE(validator.complete());
  EXPECT_TRUE(validator.Add("\xAC"));
  EXPECT_TRUE(validator.complete());
}

TEST(Utf8ValidatorTest, StaysFailedUntilReset) {
  Utf8Validator validator;
  EXPECT_FALSE(validator.Add("\xFF"));
  EXPECT_FALSE(validator.Add("a"));
  validator.Reset();
  EXPECT_TRUE(validator.Add("a"));
}

}  // namespace
}  // namespace gateway
