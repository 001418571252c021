#include "producers/cli/harmless_text.h"

#include <string>

#include "gtest/gtest.h"

namespace eventlog {
namespace {

TEST(HarmlessTextTest, HarmfulCharactersAreNamed) {
  EXPECT_EQ(Harmless("a\nb\tc\rd"), "a\\nb\\tc\\rd");
  EXPECT_EQ(Harmless("\x1b[2J"), "\\x1b[2J");
  EXPECT_EQ(Harmless("\xc2\x9b"), "\\u009b");
  EXPECT_EQ(Harmless("\xe2\x80\xae"), "\\u202e");
  EXPECT_EQ(Harmless("\xf3\xa0\x81\x81"), "\\ue0041");
  EXPECT_EQ(Harmless("\xef\xbb\xbf"), "\\ufeff");
}

TEST(HarmlessTextTest, BytesThatAreNoUtf8AreNamed) {
  EXPECT_EQ(Harmless("a\xff"), "a\\xff");
  EXPECT_EQ(Harmless("\xc3"), "\\xc3");
  EXPECT_EQ(Harmless("\xc0\x80"), "\\xc0\\x80");
  EXPECT_EQ(Harmless("\xed\xa0\x80"), "\\xed\\xa0\\x80");
  EXPECT_EQ(Harmless("\xf4\x90\x80\x80"), "\\xf4\\x90\\x80\\x80");
  EXPECT_EQ(Harmless("\xe2\x82x"), "\\xe2\\x82x");
}

TEST(HarmlessTextTest, OtherLanguagesStayAsTheyAre) {
  for (const char* text : {"plain", "grün", "日本語", "\xf0\x9f\x98\x80", "שלום"}) EXPECT_EQ(Harmless(text), text);
}

TEST(HarmlessTextTest, EndsBetweenPieces) {
  std::string out = "<";
  EXPECT_EQ(AppendHarmless("a\x1bz", 5, out), 2U);
  EXPECT_EQ(out, "<a\\x1b");
  EXPECT_EQ(AppendHarmless("\x1b", 3, out), 0U);
  EXPECT_EQ(out, "<a\\x1b");
}

}  // namespace
}  // namespace eventlog
