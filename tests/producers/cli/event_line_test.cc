#include "producers/cli/event_line.h"

#include <string>

#include "gmock/gmock.h"
#include "gtest/gtest.h"

namespace eventlog {
namespace {

using testing::HasSubstr;

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
