#include "producers/hook/line_diff.h"

#include <string>

#include "absl/strings/str_cat.h"
#include "gtest/gtest.h"

namespace eventlog {
namespace {

TEST(LineDiffTest, SameTextsHaveNone) {
  EXPECT_EQ("", LineDiff("a\nb\n", "a\nb\n"));
  EXPECT_EQ("", LineDiff("", ""));
}

TEST(LineDiffTest, LinesThatGoAndComeStandAmongTheirNeighbours) {
  EXPECT_EQ("...\n 3\n 4\n 5\n+x\n 6\n 7\n 8\n...\n",
            LineDiff("1\n2\n3\n4\n5\n6\n7\n8\n9", "1\n2\n3\n4\n5\nx\n6\n7\n8\n9"));
  EXPECT_EQ(" a\n-b\n+x\n c\n-d\n", LineDiff("a\nb\nc\nd", "a\nx\nc"));
  EXPECT_EQ("-a\n", LineDiff("a\n", ""));
  EXPECT_EQ("-1\n 2\n 3\n 4\n...\n 6\n 7\n 8\n-9\n+x\n",
            LineDiff("1\n2\n3\n4\n5\n6\n7\n8\n9", "2\n3\n4\n5\n6\n7\n8\nx"));
}

TEST(LineDiffTest, NoLineIsShownBehindTheLast) {
  EXPECT_EQ(" a\n+b\n", LineDiff("a\n", "a\nb\n"));
  EXPECT_EQ("-a\n+b\n", LineDiff("a\n", "b\n"));
  EXPECT_EQ(" a\n+\n", LineDiff("a", "a\n")) << "the line feed is what changes";
}

TEST(LineDiffTest, LargeTextsAreShownWhole) {
  std::string before;
  std::string after;
  for (int i = 0; i < 6000; ++i) {
    absl::StrAppend(&before, "b", i, "\n");
    absl::StrAppend(&after, "a", i, "\n");
  }
  const std::string diff = LineDiff(before, after);
  EXPECT_EQ("-b0\n", diff.substr(0, 4));
  EXPECT_NE(std::string::npos, diff.find("-b5999\n+a0\n"));
}

}  // namespace
}  // namespace eventlog
