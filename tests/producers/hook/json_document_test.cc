#include "producers/hook/json_document.h"

#include <string>
#include <utility>
#include <vector>

#include "gtest/gtest.h"
#include "tests/support/status_matchers.h"

namespace eventlog {
namespace {

const std::vector<JsonDocument::Line>& Item() {
  static const auto* const item = new std::vector<JsonDocument::Line>{{0, "\"new\": {"}, {1, "\"x\": 1"}, {0, "}"}};
  return *item;
}

JsonDocument Parse(const std::string& text) {
  absl::StatusOr<JsonDocument> document = JsonDocument::Parse(text);
  EXPECT_THAT(document, IsOk());
  return *std::move(document);
}

TEST(JsonDocumentTest, ItemIsIndentedAsItsNeighboursAre) {
  const std::vector<std::pair<std::string, std::string>> texts = {
      {"{\n  \"a\": 1\n}\n", "{\n  \"a\": 1,\n  \"new\": {\n    \"x\": 1\n  }\n}\n"},
      {"{\n\t\"a\": 1\n}", "{\n\t\"a\": 1,\n\t\"new\": {\n\t\t\"x\": 1\n\t}\n}"},
      {"{\r\n    \"a\": 1\r\n}\r\n", "{\r\n    \"a\": 1,\r\n    \"new\": {\r\n        \"x\": 1\r\n    }\r\n}\r\n"},
      {"{\"a\":1 }", "{\"a\":1, \"new\": {\"x\": 1} }"},
      {"{}", "{\n  \"new\": {\n    \"x\": 1\n  }\n}"},
      {" { } ", " {\n   \"new\": {\n     \"x\": 1\n   }\n } "},
  };
  for (const auto& [before, after] : texts) {
    JsonDocument document = Parse(before);
    document.Append(document.root(), Item());
    EXPECT_EQ(after, document.text());
    document.Remove(document.root(), document.root().items.size() - 1);
    EXPECT_EQ(before == " { } " ? " {} " : before, document.text());
  }
}

TEST(JsonDocumentTest, EmptyListWithinIsIndentedAsTheDocumentIs) {
  JsonDocument document = Parse("{\n    \"a\": {\n        \"b\": []\n    }\n}");
  document.Append(*document.root().Member("a")->Member("b"), {{0, "1"}});
  EXPECT_EQ("{\n    \"a\": {\n        \"b\": [\n            1\n        ]\n    }\n}", document.text());
}

TEST(JsonDocumentTest, AnItemIsTakenOutWithOneComma) {
  for (const auto& [item, after] :
       std::vector<std::pair<size_t, std::string>>{{0, "[ 2 ,\n 3 ]"}, {1, "[ 1 ,\n 3 ]"}, {2, "[ 1, 2 ]"}}) {
    JsonDocument document = Parse("[ 1, 2 ,\n 3 ]");
    document.Remove(document.root(), item);
    EXPECT_EQ(after, document.text());
  }
}

TEST(JsonDocumentTest, OneValueIsReplaced) {
  JsonDocument document = Parse("{\"a\" : [1], \"b\":2}");
  document.Replace(*document.root().Member("a"), "\"x\"");
  EXPECT_EQ("{\"a\" : \"x\", \"b\":2}", document.text());
}

TEST(JsonDocumentTest, MalformedTextIsRefused) { EXPECT_FALSE(JsonDocument::Parse("{").ok()); }

}  // namespace
}  // namespace eventlog
