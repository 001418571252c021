#include "tests/bench/marker_scanner.h"

#include <string>
#include <vector>

#include "absl/strings/str_cat.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"

namespace eventlog::bench {
namespace {

using ::testing::ElementsAre;

constexpr char kText[] =
    R"(x{"offset":7,"a":"{\"offset\":5,"},{"off{"offset":18,"y":1}{"offset":190000,"z":0}{"offset":)";

std::vector<int64_t> Scan(const std::vector<std::string>& pieces, size_t distance_min = 1) {
  const MarkerScanner scanner("{\"offset\":", distance_min);
  MarkerScanner::Rest rest;
  std::vector<int64_t> found;
  for (const std::string& piece : pieces) {
    std::string memory = absl::StrCat(std::string(MarkerScanner::kRoomBytes, '7'), piece);
    scanner.Scan(rest, memory.data() + MarkerScanner::kRoomBytes, piece.size(),
                 [&found](int64_t number) { found.push_back(number); });
  }
  return found;
}

TEST(MarkerScannerTest, NumbersAreFoundWhereverThePiecesAreCut) {
  const std::string text = kText;
  for (size_t first = 0; first <= text.size(); ++first) {
    for (size_t second = first; second <= text.size(); ++second) {
      EXPECT_THAT(Scan({text.substr(0, first), text.substr(first, second - first), text.substr(second)}),
                  ElementsAre(7, 18, 190000))
          << first << " " << second;
    }
  }
}

TEST(MarkerScannerTest, BytesOneByOneAreEnough) {
  std::vector<std::string> pieces;
  for (const char c : std::string(kText)) pieces.emplace_back(1, c);
  EXPECT_THAT(Scan(pieces), ElementsAre(7, 18, 190000));
}

TEST(MarkerScannerTest, WhatIsNearerThanTheDistanceIsPassedOver) {
  const std::string text = kText;
  const size_t distance = text.find("{\"offset\":18") - text.find("{\"offset\":7");
  EXPECT_THAT(Scan({kText}, distance), ElementsAre(7, 18));
  EXPECT_THAT(Scan({kText}, distance + 1), ElementsAre(7, 190000));
}

}  // namespace
}  // namespace eventlog::bench
