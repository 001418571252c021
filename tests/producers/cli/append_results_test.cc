#include "producers/cli/append_results.h"

#include <string>

#include "gmock/gmock.h"
#include "gtest/gtest.h"

namespace eventlog {
namespace {

using testing::HasSubstr;

struct Printed {
  ExitCode code;
  std::string out;
  std::string err;
};

template <typename Use>
Printed Print(bool json, Use use) {
  testing::internal::CaptureStdout();
  testing::internal::CaptureStderr();
  AppendResults results(json, ProgressBarOptions());
  use(results);
  Printed printed{results.Finish(), "", ""};
  printed.out = testing::internal::GetCapturedStdout();
  printed.err = testing::internal::GetCapturedStderr();
  return printed;
}

TEST(AppendResultsTest, JsonIsALineForEach) {
  const Printed printed = Print(true, [](AppendResults& results) {
    results.Answer({1, 1, 10}, 7);
    results.Answer({2, 5, 20}, absl::InvalidArgumentError("bad"));
    results.Answer({3, 1, 30}, 8);
  });
  EXPECT_EQ(printed.out, "{\"offset\":7}\n{\"offset\":8}\n");
  EXPECT_EQ(printed.err, "eventlog append: line 2, column 5: bad\n");
  EXPECT_EQ(printed.code, kExitRefused);
}

TEST(AppendResultsTest, WhatTheInputSaysIsHarmlessAtATerminal) {
  const Printed printed = Print(true, [](AppendResults& results) {
    results.Answer({1, 1, 1}, absl::InvalidArgumentError("\"\x1b]0;x\x07\xc2\x9b\": not known"));
  });
  EXPECT_EQ(printed.err, "eventlog append: line 1, column 1: \"\\x1b]0;x\\x07\\u009b\": not known\n");
}

TEST(AppendResultsTest, PeopleGetOneSentence) {
  EXPECT_EQ(Print(false, [](AppendResults& results) { results.Answer({}, 7); }).out, "appended at offset 7\n");
  const Printed many = Print(false, [](AppendResults& results) {
    for (int i = 0; i < 1234; ++i) results.Answer({i, 1, 1}, 10 + i);
  });
  EXPECT_EQ(many.out, "appended 1,234 events at offsets 10 to 1243\n");
  EXPECT_EQ(many.code, kExitOk);
  EXPECT_EQ(Print(false, [](AppendResults&) {}).out, "");
}

TEST(AppendResultsTest, AnEventFromFlagsHasNoLineAndTheFirstFailureIsTheExitCode) {
  const Printed printed = Print(true, [](AppendResults& results) {
    results.Answer({}, absl::UnavailableError("away"));
    results.Answer({}, absl::InvalidArgumentError("bad"));
  });
  EXPECT_THAT(printed.err, HasSubstr("eventlog append: away\n"));
  EXPECT_EQ(printed.code, kExitUnreachable);
}

}  // namespace
}  // namespace eventlog
