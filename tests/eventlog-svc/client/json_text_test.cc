#include "eventlog-svc/client/json_text.h"

#include <string>

#include "gmock/gmock.h"
#include "gtest/gtest.h"

namespace eventlog {
namespace {

using testing::ElementsAre;
using testing::Pair;

std::string Nested(int depth) {
  return std::string(static_cast<size_t>(depth), '[') + std::string(static_cast<size_t>(depth), ']');
}
std::string Quoted(absl::string_view text) {
  std::string out;
  AppendJsonString(text, out);
  return out;
}

TEST(JsonTextTest, OneValueWithSpaceAroundItIsJson) {
  for (const char* text : {"1", " -0.5e3 ", "\"\"", "null", "true", "[]", "{}", "\n{\"a\":[1,{\"b\":null}]}\r\n\t"}) {
    EXPECT_TRUE(IsJson(text)) << text;
  }
}

TEST(JsonTextTest, AnythingElseIsNot) {
  for (const char* text : {"", " ", "{", "[1,]", "{\"a\":1,}", "1 2", "{}{}", "'a'", "nul", "01", "NaN", "// c\n1",
                           "{a:1}", "\"\x01\"", "\"\xff\"", "\"\xed\xa0\x80\"", "\"\\x\"", "\xef\xbb\xbf{}"}) {
    EXPECT_FALSE(IsJson(text)) << text;
  }
  EXPECT_FALSE(IsJson(absl::string_view("1\0", 2)));
}

TEST(JsonTextTest, NestingIsLimited) {
  EXPECT_TRUE(IsJson(Nested(256)));
  EXPECT_FALSE(IsJson(Nested(257)));
  EXPECT_FALSE(IsJson(std::string(1'000'000, '[')));
}

TEST(JsonTextTest, StringsEscapeWhatJsonForbids) {
  EXPECT_EQ(Quoted("a\"b\\c\nd\te"), R"("a\"b\\c\nd\te")");
  EXPECT_EQ(Quoted(absl::string_view("\0\x1f\r", 3)), R"("\u0000\u001f\u000d")");
  EXPECT_EQ(Quoted("</script>\xe2\x80\xa8\x7f"), "\"</script>\xe2\x80\xa8\x7f\"");
}

TEST(JsonTextTest, EveryByteBelow128SurvivesTheRoundTrip) {
  std::string all;
  for (char c = 0; c < 127; ++c) all.push_back(c);
  EXPECT_EQ(JsonString(Quoted(all)), all);
}

TEST(JsonTextTest, MembersKeepTheBytesOfTheirValues) {
  EXPECT_THAT(*JsonMembers(R"( { "a" : { "x" : "}\"]" } , "\u0062":[ 1, 2 ],"c":-1.50e2 ,"d":"q\\","e":null} )"),
              ElementsAre(Pair("a", R"({ "x" : "}\"]" })"), Pair("b", "[ 1, 2 ]"), Pair("c", "-1.50e2"),
                          Pair("d", R"("q\\")"), Pair("e", "null")));
  EXPECT_THAT(*JsonMembers("{}"), ElementsAre());
}

TEST(JsonTextTest, OnlyAnObjectHasMembers) {
  for (const char* text : {"[]", "1", "\"{}\"", "{\"a\":}", "{} {}", ""}) {
    EXPECT_FALSE(JsonMembers(text).has_value()) << text;
  }
}

TEST(JsonTextTest, OnlyAStringSaysSomething) {
  EXPECT_EQ(JsonString(R"("\u00e9\ud83d\ude00")"), "\xc3\xa9\xf0\x9f\x98\x80");
  for (const char* text : {"1", "null", "[\"a\"]", "{}"}) EXPECT_EQ(JsonString(text), std::nullopt) << text;
}

TEST(JsonTextTest, AFaultHasItsPlace) {
  EXPECT_EQ(FindJsonFault("{\"a\": [1, 2]} \n"), std::nullopt);
  EXPECT_EQ(FindJsonFault("{\"a\": x}"), 6U);
  EXPECT_EQ(FindJsonFault("{} x"), 3U);
  EXPECT_EQ(FindJsonFault("{\"a\": 1"), 7U);
  EXPECT_EQ(FindJsonFault(""), 0U);
}

}  // namespace
}  // namespace eventlog
