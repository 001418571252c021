#include "producers/cli/append_results.h"

#include <string>

#include "eventlog-svc/client/rpc_error.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "tests/support/fake_event_log.h"

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

absl::Status MissingLog() {
  google::rpc::Status status = RpcError(5, "LOG_NOT_FOUND");
  status.set_message("log \"x\"");
  return FromRpcStatus(status);
}

TEST(AppendResultsTest, AMissingLogIsToldOnceWithWhatMakesOne) {
  bool missing_before = true;
  bool missing = false;
  const Printed printed = Print(true, [&](AppendResults& results) {
    results.Answer({1, 1, 10}, absl::InvalidArgumentError("bad"));
    missing_before = results.log_is_missing();
    for (int64_t line = 2; line < 9; ++line) results.Answer({line, 1, 10 * line}, MissingLog());
    missing = results.log_is_missing();
  });
  EXPECT_FALSE(missing_before);
  EXPECT_TRUE(missing);
  EXPECT_EQ(printed.err,
            "eventlog append: line 1, column 1: bad\n"
            "eventlog append: line 2, column 1: LOG_NOT_FOUND: log \"x\"; `eventlog logs create` makes a log; the rest "
            "of the input is not appended\n");
  EXPECT_EQ(printed.code, kExitRefused);
  EXPECT_EQ(Print(true, [](AppendResults& results) { results.Answer({}, MissingLog()); }).err,
            "eventlog append: LOG_NOT_FOUND: log \"x\"; `eventlog logs create` makes a log\n");
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
