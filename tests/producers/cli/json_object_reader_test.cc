#include "producers/cli/json_object_reader.h"

#include <sstream>
#include <string>
#include <vector>

#include "absl/strings/str_cat.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"

namespace eventlog {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;

// "LINE:COLUMN text" of each object, "LINE:COLUMN !what is wrong" of each fault.
std::vector<std::string> ReadAll(const std::string& text, size_t bytes_max = JsonObjectReader::kBytesMax) {
  std::istringstream input(text);
  JsonObjectReader reader(input, bytes_max);
  std::vector<std::string> found;
  int64_t before = 0;
  while (const auto object = reader.Next()) {
    found.push_back(
        absl::StrCat(object->line, ":", object->column, " ",
                     object->text.ok() ? *object->text : absl::StrCat("!", object->text.status().message())));
    EXPECT_GE(object->input_bytes, before);
    EXPECT_LE(object->input_bytes, static_cast<int64_t>(text.size()));
    before = object->input_bytes;
  }
  return found;
}

TEST(JsonObjectReaderTest, ObjectsAreOneALineOrSeveral) {
  EXPECT_THAT(ReadAll("{\"a\":1}\n\n  {}\r\n{}{\"b\":[{}]} {}"),
              ElementsAre("1:1 {\"a\":1}", "3:3 {}", "4:1 {}", "4:3 {\"b\":[{}]}", "4:14 {}"));
  EXPECT_THAT(ReadAll(""), IsEmpty());
  EXPECT_THAT(ReadAll(" \n\t\r\n"), IsEmpty());
  EXPECT_THAT(ReadAll("\xef\xbb\xbf{}"), ElementsAre("1:4 {}"));
}

TEST(JsonObjectReaderTest, AnObjectMayGoOverManyLines) {
  const std::string pretty = "{\n  \"a\": [\n{\n\"b\": 1\n},\n{}\n  ],\n  \"c\":\n{}\n}";
  EXPECT_THAT(ReadAll(pretty), ElementsAre("1:1 " + pretty));
  EXPECT_THAT(ReadAll(pretty + "\n" + pretty + "{}"), ElementsAre("1:1 " + pretty, "11:1 " + pretty, "20:2 {}"));
}

TEST(JsonObjectReaderTest, BracesInStringsAreText) {
  EXPECT_THAT(ReadAll(R"({"a":"}{\"}\\"}{"b":"["})"), ElementsAre(R"(1:1 {"a":"}{\"}\\"})", R"(1:16 {"b":"["})"));
}

TEST(JsonObjectReaderTest, WhatIsNoObjectIsItsLineAlone) {
  EXPECT_THAT(ReadAll("{}\nno JSON {}\n{}\n  [{}]\n{}"),
              ElementsAre("1:1 {}", "2:1 !not one JSON object", "3:1 {}",
                          testing::StartsWith("4:3 !not one JSON object"), "5:1 {}"));
  EXPECT_THAT(ReadAll("{} x\n{}"), ElementsAre("1:1 {}", "1:4 !not one JSON object", "2:1 {}"));
}

TEST(JsonObjectReaderTest, AFaultInAnObjectHasItsLineAndColumn) {
  EXPECT_THAT(ReadAll("{}\n{\"a\": x}\n{}"), ElementsAre("1:1 {}", "2:7 !not one JSON object", "3:1 {}"));
  EXPECT_THAT(ReadAll("{\n \"a\": 1,\n \"b\": x\n}\n{}"), ElementsAre("3:7 !not one JSON object", "5:1 {}"));
}

TEST(JsonObjectReaderTest, AnObjectWithoutEndIsNamedAndTheNextOnesAreTaken) {
  EXPECT_THAT(ReadAll("{\"a\":{\n{}\n{\"a\"\n{}\n{\"a\":1,\n{}"),
              ElementsAre(HasSubstr("1:1 !the object has no end"), "2:1 {}", HasSubstr("3:1 !"), "4:1 {}",
                          HasSubstr("5:1 !"), "6:1 {}"));
  EXPECT_THAT(ReadAll("{\"a\":[\n{},\n{\"b\":1}"),
              ElementsAre("1:1 !the object has no end", "2:1 {}", "2:3 !not one JSON object", "3:1 {\"b\":1}"));
  EXPECT_THAT(ReadAll("{\"a\":\"x\n{}"), ElementsAre(HasSubstr("1:8 !not one JSON object: a string"), "2:1 {}"));
  EXPECT_THAT(ReadAll("{\"a\":]\n{}"), ElementsAre(HasSubstr("1:6 !"), "2:1 {}"));
}

TEST(JsonObjectReaderTest, WhatIsInsideOfAWrongObjectIsNoEventAndIsTold) {
  const std::string text = "{\n  \"type\": ],\n  {\"type\": \"inner\"}\n}\n{\"type\":\"next\"}";
  EXPECT_THAT(ReadAll(text), ElementsAre(HasSubstr("2:11 !"), HasSubstr("2:1 !3 lines from here on were left out"),
                                         "5:1 {\"type\":\"next\"}"));
  EXPECT_THAT(ReadAll("{\"a\":]\n  {}"), ElementsAre(HasSubstr("1:6 !"), HasSubstr("2:1 !1 lines")));
}

TEST(JsonObjectReaderTest, LengthIsBounded) {
  EXPECT_THAT(ReadAll("{\"a\":\"" + std::string(20, 'x') + "\"}\n{}", 20),
              ElementsAre(HasSubstr("1:1 !a line of more than 20 bytes"), "2:1 {}"));
  EXPECT_THAT(ReadAll("{\n\"a\":[1,\n2,3,4,5,6,7\n]}\n{}", 20),
              ElementsAre(HasSubstr("1:1 !an object of more than 20 bytes"), HasSubstr("left out"), "5:1 {}"));
}

TEST(JsonObjectReaderTest, LinesOfAnObjectAreBounded) {
  const auto found = ReadAll("{" + std::string(600'000, '\n') + "}\n{\"next\":1}");
  ASSERT_EQ(found.size(), 3U);
  EXPECT_THAT(found[0], HasSubstr("1:1 !an object of more than 500000 lines"));
  EXPECT_EQ(found[2], "600002:1 {\"next\":1}");
}

// Each line could go on over all that follow: they are searched once, not once a line.
TEST(JsonObjectReaderTest, ManyObjectsWithoutEndTakeNoLongerThanTheirInput) {
  std::string text;
  for (int i = 0; i < 200'000; ++i) text += "{\"a\":[\n";
  EXPECT_EQ(ReadAll(text).size(), 200'000U);
}

}  // namespace
}  // namespace eventlog
