#include "producers/cli/nearest_words.h"

#include "gmock/gmock.h"
#include "gtest/gtest.h"

namespace eventlog {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;

TEST(NearestWordsTest, DistanceCountsEachSlipOnce) {
  EXPECT_EQ(EditDistance("tail", "tail"), 0);
  EXPECT_EQ(EditDistance("tail", "tial"), 1);
  EXPECT_EQ(EditDistance("tail", "tai"), 1);
  EXPECT_EQ(EditDistance("tail", "taill"), 1);
  EXPECT_EQ(EditDistance("tail", "tall"), 1);
  EXPECT_EQ(EditDistance("", "tail"), 4);
  EXPECT_EQ(EditDistance("kitten", "sitting"), 3);
}

TEST(NearestWordsTest, NearestComesFirstAndEachOnce) {
  const std::vector<std::string> words = {"tail", "stats", "append", "logs create", "logs", "logs", "bench"};
  EXPECT_THAT(NearestWords("appned", words), ElementsAre("append"));
  EXPECT_THAT(NearestWords("stat", words), ElementsAre("stats"));
  EXPECT_THAT(NearestWords("logs creat", words), ElementsAre("logs create"));
  EXPECT_THAT(NearestWords("lgs", words), ElementsAre("logs"));
}

TEST(NearestWordsTest, WhatIsTooUnlikeIsNoSuggestion) {
  EXPECT_THAT(NearestWords("xyz", {"tail", "stats"}), IsEmpty());
  EXPECT_THAT(NearestWords("", {"tail"}), IsEmpty());
  EXPECT_THAT(NearestWords(std::string(100'000, 'a'), {"a"}), IsEmpty());
}

TEST(NearestWordsTest, AtMostThree) {
  EXPECT_THAT(NearestWords("aaa", {"aab", "aac", "aad", "aae"}), ElementsAre("aab", "aac", "aad"));
}

}  // namespace
}  // namespace eventlog
