#include "producers/cli/event_line.h"

#include <string>

#include "gmock/gmock.h"
#include "gtest/gtest.h"

namespace eventlog {
namespace {

using testing::HasSubstr;

std::string Harmless(absl::string_view text) {
  std::string out;
  EXPECT_EQ(AppendHarmless(text, 1'000'000, out), text.size());
  return out;
}

std::string Line(const v1::Record& record, bool color = false) {
  std::string out;
  AppendEventLine(record, color, out);
  return out;
}

v1::Record Example() {
  v1::Record record;
  record.set_offset(42);
  record.mutable_append_time()->set_nanos(5'000'000);
  record.mutable_event()->set_type("session.created");
  record.mutable_event()->set_subject("s1");
  record.mutable_event()->set_text("{\"n\":1}");
  return record;
}

TEST(EventLineTest, SaysWhatThereIs) {
  v1::Record record = Example();
  EXPECT_EQ(Line(record), "1970-01-01T00:00:00.005Z 42 session.created s1 {\"n\":1}");
  record.mutable_event()->clear_subject();
  record.mutable_event()->set_source("/x");
  (*record.mutable_event()->mutable_attributes())["k"] = "v";
  (*record.mutable_event()->mutable_attributes())["a"] = "b";
  record.mutable_event()->set_binary(std::string(7, '\0'));
  EXPECT_EQ(Line(record), "1970-01-01T00:00:00.005Z 42 session.created (7 bytes of binary data) source=/x a=b k=v");
}

TEST(EventLineTest, ColourIsOnlyAround) {
  const std::string line = Line(Example(), true);
  EXPECT_THAT(line, HasSubstr("\x1b[1;36msession.created\x1b[0m"));
  EXPECT_THAT(line, HasSubstr("\x1b[33ms1\x1b[0m"));
}

TEST(EventLineTest, NothingOfTheDataReachesTheTerminalAsACommand) {
  v1::Record record = Example();
  const std::string bad =
      "\x1b]0;x\a\x9b"
      "2J\xc2\x9b"
      "1m\r\n\b\x7f";
  record.mutable_event()->set_subject(bad);
  record.mutable_event()->set_text(bad);
  record.mutable_event()->set_source(bad);
  (*record.mutable_event()->mutable_attributes())["k"] = bad;
  for (const unsigned char c : Line(record)) EXPECT_TRUE(c >= 0x20 && c < 0x7f) << static_cast<int>(c);
}

TEST(EventLineTest, HarmfulCharactersAreNamed) {
  EXPECT_EQ(Harmless("a\nb\tc\rd"), "a\\nb\\tc\\rd");
  EXPECT_EQ(Harmless("\x1b[2J"), "\\x1b[2J");
  EXPECT_EQ(Harmless("\xc2\x9b"), "\\u009b");
  EXPECT_EQ(Harmless("\xe2\x80\xae"), "\\u202e");
  EXPECT_EQ(Harmless("\xf3\xa0\x81\x81"), "\\ue0041");
  EXPECT_EQ(Harmless("\xef\xbb\xbf"), "\\ufeff");
}

TEST(EventLineTest, BytesThatAreNoUtf8AreNamed) {
  EXPECT_EQ(Harmless("a\xff"), "a\\xff");
  EXPECT_EQ(Harmless("\xc3"), "\\xc3");
  EXPECT_EQ(Harmless("\xc0\x80"), "\\xc0\\x80");
  EXPECT_EQ(Harmless("\xed\xa0\x80"), "\\xed\\xa0\\x80");
  EXPECT_EQ(Harmless("\xf4\x90\x80\x80"), "\\xf4\\x90\\x80\\x80");
  EXPECT_EQ(Harmless("\xe2\x82x"), "\\xe2\\x82x");
}

TEST(EventLineTest, OtherLanguagesStayAsTheyAre) {
  for (const char* text : {"plain", "grün", "日本語", "\xf0\x9f\x98\x80", "שלום"}) EXPECT_EQ(Harmless(text), text);
}

TEST(EventLineTest, LongDataIsCutBetweenCharacters) {
  v1::Record record = Example();
  std::string text = "x";
  for (int i = 0; i < 2000; ++i) text += "ü";
  record.mutable_event()->set_text(text);
  EXPECT_THAT(Line(record), HasSubstr("ü... (4001 bytes)"));
  EXPECT_LT(Line(record).size(), 2200U);
}

}  // namespace
}  // namespace eventlog
