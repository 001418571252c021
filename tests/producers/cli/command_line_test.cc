#include "producers/cli/command_line.h"

#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "tests/support/status_matchers.h"

namespace eventlog {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;

absl::StatusOr<CommandLine> Parse(const std::vector<std::string>& arguments) {
  return CommandLine::Parse(arguments,
                            {{"name", "TEXT", "a name"}, {"all", "", "everything"}, {"tag", "T", "tags", true}});
}

TEST(CommandLineTest, TakesValuesWithAndWithoutTheEqualsSign) {
  const auto line = Parse({"--name", "--x", "--tag=a=b", "word", "--tag", "c", "--all", "-"});
  ASSERT_THAT(line, IsOk());
  EXPECT_EQ(line->Get("name"), "--x");
  EXPECT_THAT(line->GetAll("tag"), ElementsAre("a=b", "c"));
  EXPECT_TRUE(line->Has("all"));
  EXPECT_THAT(line->words(), ElementsAre("word", "-"));
}

TEST(CommandLineTest, WhatIsAbsentHasItsDefault) {
  const auto line = Parse({"--name="});
  ASSERT_THAT(line, IsOk());
  EXPECT_EQ(line->Get("name", "x"), "");
  EXPECT_EQ(line->Get("tag", "x"), "x");
  EXPECT_FALSE(line->Has("all"));
}

TEST(CommandLineTest, ErrorsNameTheFlag) {
  EXPECT_THAT(Parse({"--nam=x"}), StatusIs(absl::StatusCode::kInvalidArgument, HasSubstr("--nam ")));
  EXPECT_THAT(Parse({"--name"}), StatusIs(absl::StatusCode::kInvalidArgument, HasSubstr("--name needs")));
  EXPECT_THAT(Parse({"--name=a", "--name=b"}), StatusIs(absl::StatusCode::kInvalidArgument, HasSubstr("twice")));
  EXPECT_THAT(Parse({"--all=false"}), StatusIs(absl::StatusCode::kInvalidArgument, HasSubstr("--all takes no value")));
}

TEST(CommandLineTest, NumbersAreNumbersOfAtLeast) {
  EXPECT_THAT(Parse({"--name=7"})->GetNumber("name", 1, 0), IsOkAndHolds(7));
  EXPECT_THAT(Parse({})->GetNumber("name", 1, 0), IsOkAndHolds(1));
  for (const char* wrong : {"", "x", "7x", "-1", "99999999999999999999"}) {
    EXPECT_THAT(Parse({"--name", wrong})->GetNumber("name", 1, 0), StatusIs(absl::StatusCode::kInvalidArgument))
        << wrong;
  }
}

TEST(CommandLineTest, HelpNamesEachFlag) {
  const std::string help = CommandLine::Help({{"name", "TEXT", "a name"}, {"tag", "T", "tags", true}});
  EXPECT_THAT(help, HasSubstr("--name=TEXT"));
  EXPECT_THAT(help, HasSubstr("tags (repeatable)"));
}

}  // namespace
}  // namespace eventlog
