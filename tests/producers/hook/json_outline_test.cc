#include "producers/hook/json_outline.h"

#include <string>

#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "tests/support/status_matchers.h"

namespace eventlog {
namespace {

using testing::HasSubstr;

TEST(JsonOutlineTest, SaysWhereEachValueStands) {
  const std::string text = " {\n \"a\" : [1, \"x\\\"}\" ,{ }],\"b\":null, \"a\":-1.5e3}\n";
  const absl::StatusOr<JsonNode> root = OutlineJson(text);
  ASSERT_THAT(root, IsOk());
  const auto bytes = [&](const JsonNode& node) { return text.substr(node.begin, node.end - node.begin); };
  const auto value = [&](const JsonNode& node) { return text.substr(node.value_begin, node.end - node.value_begin); };
  ASSERT_TRUE(root->is_object());
  EXPECT_EQ(text.substr(1, text.size() - 2), bytes(*root));
  ASSERT_EQ(3u, root->items.size());
  EXPECT_EQ("\"a\" : [1, \"x\\\"}\" ,{ }]", bytes(root->items[0]));
  EXPECT_EQ("\"b\":null", bytes(root->items[1]));
  EXPECT_EQ("null", value(root->items[1]));
  EXPECT_EQ("-1.5e3", value(*root->Member("a"))) << "the last one counts";
  const JsonNode& list = root->items[0];
  ASSERT_TRUE(list.is_array());
  ASSERT_EQ(3u, list.items.size());
  EXPECT_EQ("1", bytes(list.items[0]));
  EXPECT_TRUE(list.items[1].is_string());
  EXPECT_EQ("x\"}", list.items[1].text);
  EXPECT_TRUE(list.items[2].is_object() && list.items[2].items.empty());
  EXPECT_EQ(2u, list.items[2].depth);
  EXPECT_EQ(nullptr, root->Member("c"));
  EXPECT_EQ(nullptr, list.Member("a"));
}

TEST(JsonOutlineTest, AnyValueMayBeTheRoot) {
  for (const char* text : {"1", "\"x\"", "[]", "true", "{}"}) EXPECT_THAT(OutlineJson(text), IsOk()) << text;
}

TEST(JsonOutlineTest, WhatIsMalformedIsSaidWithItsPlace) {
  const auto message = [](const std::string& text) { return std::string(OutlineJson(text).status().message()); };
  EXPECT_THAT(message("{\n  \"a\": 1,\n  \"b\" 2\n}"), HasSubstr("line 3, column 7: "));
  EXPECT_THAT(message("{\"a\": 1,}"), HasSubstr("line 1, column 9: "));
  EXPECT_THAT(message("{\"a\": 1"), HasSubstr("line 1, column 8: incomplete"));
  EXPECT_THAT(message("{}\n{}"), HasSubstr("line 2, column 1: "));
  EXPECT_THAT(message("// words\n{}"), HasSubstr("line 1, column 1: "));
  EXPECT_THAT(message(""), HasSubstr("line 1, column 1: "));
  EXPECT_FALSE(OutlineJson(std::string(300, '[') + std::string(300, ']')).ok());
}

}  // namespace
}  // namespace eventlog
