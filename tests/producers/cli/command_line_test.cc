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

TEST(CommandLineTest, BehindTwoDashesEverythingIsAWord) {
  const auto line = Parse({"a", "--all", "--", "--name", "-x", "--", "-"});
  ASSERT_THAT(line, IsOk());
  EXPECT_THAT(line->words(), ElementsAre("a", "--name", "-x", "--", "-"));
  EXPECT_FALSE(line->Has("name"));
}

TEST(CommandLineTest, AFlagMayHaveALetter) {
  const std::vector<FlagSpec> flags = {{"count", "N", "", false, 'n'}, {"help", "", "", false, 'h'}};
  EXPECT_EQ(CommandLine::Parse({"-n", "5"}, flags)->Get("count"), "5");
  EXPECT_EQ(CommandLine::Parse({"-n5", "-h"}, flags)->Get("count"), "5");
  EXPECT_TRUE(CommandLine::Parse({"-h"}, flags)->Has("help"));
  for (const char* wrong : {"-n", "-x", "-hn", "-5"}) {
    EXPECT_THAT(CommandLine::Parse({wrong}, flags), StatusIs(absl::StatusCode::kInvalidArgument, HasSubstr(wrong)));
  }
}

TEST(CommandLineTest, AValueMayBeOneOfSeveral) {
  const std::vector<FlagSpec> flags = {{"color", "auto|never", ""}, {"path", "PATH", ""}};
  EXPECT_EQ(CommandLine::Parse({"--color", "never"}, flags)->Get("color"), "never");
  EXPECT_THAT(CommandLine::Parse({"--color=red"}, flags),
              StatusIs(absl::StatusCode::kInvalidArgument, "--color=red: right is one of auto, never"));
  EXPECT_THAT(CommandLine::Choices(flags[0]), ElementsAre("auto", "never"));
  EXPECT_THAT(CommandLine::Choices(flags[1]), ElementsAre());
}

TEST(CommandLineTest, LeadingFlagsEndAtTheFirstWord) {
  const std::vector<FlagSpec> flags = {{"name", "TEXT", ""}};
  size_t used = 0;
  const auto line = CommandLine::ParseLeading({"--name", "x", "word", "--other"}, flags, used);
  ASSERT_THAT(line, IsOk());
  EXPECT_EQ(used, 2U);
  EXPECT_EQ(line->Get("name"), "x");
  EXPECT_THAT(CommandLine::ParseLeading({"--other"}, flags, used), StatusIs(absl::StatusCode::kInvalidArgument));
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

TEST(CommandLineTest, HyphensAndUnderscoresOfANameAreTheSame) {
  const std::vector<FlagSpec> flags = {{"until_it_ends", "", ""}, {"data_dir", "PATH", ""}};
  for (const char* written : {"--data-dir=a-b", "--data_dir=a-b"}) {
    const auto line = CommandLine::Parse({written, "--until-it_ends"}, flags);
    ASSERT_THAT(line, IsOk()) << written;
    EXPECT_EQ(line->Get("data_dir"), "a-b");
    EXPECT_TRUE(line->Has("until_it_ends"));
  }
  EXPECT_THAT(CommandLine::Parse({"--data-dir=a", "--data_dir=b"}, flags),
              StatusIs(absl::StatusCode::kInvalidArgument, testing::HasSubstr("--data_dir is given twice")));
  EXPECT_THAT(CommandLine::Help(flags), testing::Not(testing::HasSubstr("data-dir")));
}

}  // namespace
}  // namespace eventlog
