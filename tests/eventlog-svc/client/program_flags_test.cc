#include "eventlog-svc/client/program_flags.h"

#include <cstdio>
#include <cstdlib>
#include <string>
#include <vector>

#include "absl/flags/flag.h"
#include "gtest/gtest.h"

ABSL_FLAG(int, test_number, 7, "a number that only this test knows");
ABSL_FLAG(std::string, test_text, "", "a text that only this test knows");
ABSL_FLAG(bool, test_switch, true, "a switch that only this test knows");

namespace eventlog {
namespace {

// In a process of its own, since it parses flags and ends.
void ParseAndExit(std::vector<std::string> arguments) {
  std::vector<char*> argv;
  for (std::string& argument : arguments) argv.push_back(argument.data());
  ParseProgramFlags({"What it is for.", "client/program_flags_test.cc"}, static_cast<int>(argv.size()), argv.data());
  std::fprintf(stderr, "text %s, switch %d\n", absl::GetFlag(FLAGS_test_text).c_str(),
               absl::GetFlag(FLAGS_test_switch));
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

TEST(ProgramFlagsDeathTest, AValueStaysAsItIs) {
  for (const std::vector<std::string>& arguments : {std::vector<std::string>{"program", "--test-text=--test-number"},
                                                    {"program", "--test-text", "--test-number"},
                                                    {"program", "--test-switch", "--test_text", "--test-number"}}) {
    EXPECT_EXIT(ParseAndExit(arguments), testing::ExitedWithCode(7), "text --test-number, switch 1")
        << testing::PrintToString(arguments);
  }
}

TEST(ProgramFlagsDeathTest, ASwitchIsTurnedOff) {
  for (const char* off : {"--notest_switch", "--notest-switch", "--test-switch=false"}) {
    EXPECT_EXIT(ParseAndExit({"program", off, "--test-number=4"}), testing::ExitedWithCode(4), "switch 0") << off;
  }
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
