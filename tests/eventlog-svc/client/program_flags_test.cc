#include "eventlog-svc/client/program_flags.h"

#include <string>
#include <vector>

#include "absl/flags/flag.h"
#include "gtest/gtest.h"

ABSL_FLAG(int, test_number, 7, "a number that only this test knows");

namespace eventlog {
namespace {

// In a process of its own, since it parses flags and ends.
void ParseAndExit(std::vector<std::string> arguments) {
  std::vector<char*> argv;
  for (std::string& argument : arguments) argv.push_back(argument.data());
  ParseProgramFlags({"What it is for.", "client/program_flags_test.cc"}, static_cast<int>(argv.size()), argv.data());
  std::exit(absl::GetFlag(FLAGS_test_number));
}

TEST(ProgramFlagsDeathTest, FlagsAreSet) {
  EXPECT_EXIT(ParseAndExit({"program", "--test_number=42"}), testing::ExitedWithCode(42), "");
  EXPECT_EXIT(ParseAndExit({"program"}), testing::ExitedWithCode(7), "");
}

TEST(ProgramFlagsDeathTest, HyphensAndUnderscoresOfANameAreTheSame) {
  EXPECT_EXIT(ParseAndExit({"program", "--test-number=4"}), testing::ExitedWithCode(4), "");
  EXPECT_EXIT(ParseAndExit({"program", "--test-number", "5"}), testing::ExitedWithCode(5), "");
  EXPECT_EXIT(ParseAndExit({"program", "--no-such=4"}), testing::ExitedWithCode(kExitFlagsWrong), "no-such");
}

TEST(ProgramFlagsDeathTest, HelpEndsWell) {
  for (const char* asked : {"--help", "--helpfull", "--helpshort", "--helpmatch=test", "--help=number", "--version"}) {
    EXPECT_EXIT(ParseAndExit({"program", asked}), testing::ExitedWithCode(0), "") << asked;
  }
}

TEST(ProgramFlagsDeathTest, WhatIsWrongEndsWithItsCodeAndItsName) {
  EXPECT_EXIT(ParseAndExit({"program", "--no_such"}), testing::ExitedWithCode(kExitFlagsWrong), "no_such");
  EXPECT_EXIT(ParseAndExit({"program", "--test_number=x"}), testing::ExitedWithCode(kExitFlagsWrong), "test_number");
  EXPECT_EXIT(ParseAndExit({"program", "--helpless"}), testing::ExitedWithCode(kExitFlagsWrong), "helpless");
  EXPECT_EXIT(ParseAndExit({"program", "word"}), testing::ExitedWithCode(kExitFlagsWrong), "\"word\"");
}

}  // namespace
}  // namespace eventlog
