#include "producers/hook/cut_object.h"

#include <map>
#include <string>

#include "gmock/gmock.h"
#include "gtest/gtest.h"

namespace eventlog {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;
using testing::Pair;

constexpr char kWhole[] = R"( {"n": 1, "name":"Stop" , "in":{"name":"no","x":["}"]}, "esc":"a\"\u00e9", "id":"7"} )";

TEST(CutObjectTest, StringsOfTheObjectItselfAreFound) {
  EXPECT_THAT(LeadingStrings(kWhole), ElementsAre(Pair("esc", "a\"\xc3\xa9"), Pair("id", "7"), Pair("name", "Stop")));
}

TEST(CutObjectTest, WhereverItIsCutOnlyWholeStringsCount) {
  const std::string whole = kWhole;
  for (size_t size = 0; size <= whole.size(); ++size) {
    std::map<std::string, std::string> strings;
    if (size > whole.find("\"Stop\"") + 5) strings["name"] = "Stop";
    if (size > whole.find("\", \"id")) strings["esc"] = "a\"\xc3\xa9";
    if (size > whole.find("\"7\"") + 2) strings["id"] = "7";
    EXPECT_EQ(strings, LeadingStrings(whole.substr(0, size))) << whole.substr(0, size);
  }
}

TEST(CutObjectTest, TheLastOfOneNameCounts) {
  EXPECT_THAT(LeadingStrings(R"({"a":"1","a":"2")"), ElementsAre(Pair("a", "2")));
}

TEST(CutObjectTest, WhatIsNoObjectHasNone) {
  for (const char* text : {"", "[]", "\"a\"", "{", "{}", "{\"a\"", "{\"a\" \"b\"", "{1:\"b\"}", "{:,:,}",
                           "{\"\\q\":\"b\"}", "{,", "{]", "{\"a\":]", "{\"a\":}"}) {
    EXPECT_THAT(LeadingStrings(text), IsEmpty()) << text;
  }
}

}  // namespace
}  // namespace eventlog
