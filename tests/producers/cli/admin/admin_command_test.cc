#include "producers/cli/admin/admin_command.h"

#include "eventlog-svc/engine/error.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "tests/support/status_matchers.h"

namespace eventlog {
namespace {

using testing::HasSubstr;

constexpr char kServer[] = "127.0.0.1:1";

CommandLine LineOf(const std::vector<std::string>& words) { return CommandLine::Parse(words, {kTimeoutFlag}).value(); }

TEST(AdminCommandTest, AFailureHasReasonValuesAndAdvice) {
  const absl::Status status =
      Error(absl::StatusCode::kAlreadyExists, "LOG_EXISTS", "there is one", {{"log", "orders"}, {"at", "7"}});
  EXPECT_EQ(AdminErrorText(status, kServer),
            "LOG_EXISTS: there is one (at=7, log=orders); `eventlog logs update` changes it");
  EXPECT_EQ(AdminErrorText(Error(absl::StatusCode::kAborted, "ELSE", "no"), kServer), "ELSE: no");
  EXPECT_THAT(AdminErrorText(absl::UnavailableError("refused"), kServer),
              HasSubstr("no answer from 127.0.0.1:1: refused; right is --server"));
}

TEST(AdminCommandTest, ExitCodesTellTheCommandLineFromTheService) {
  EXPECT_EQ(AdminExitCode(UsageError("x")), kExitUsage);
  EXPECT_EQ(AdminExitCode(UsageErrorOf("to", absl::InvalidArgumentError("x"))), kExitUsage);
  EXPECT_EQ(AdminExitCode(absl::InvalidArgumentError("x")), kExitRefused);
  EXPECT_EQ(AdminExitCode(absl::NotFoundError("x")), kExitRefused);
  EXPECT_EQ(AdminExitCode(absl::UnavailableError("x")), kExitUnreachable);
  EXPECT_EQ(AdminExitCode(absl::DeadlineExceededError("x")), kExitUnreachable);
  EXPECT_THAT(UsageErrorOf("to", absl::InvalidArgumentError("x")),
              StatusIs(absl::StatusCode::kInvalidArgument, "--to: x"));
  EXPECT_THAT(UsageErrorOf("to", absl::OkStatus()), IsOk());
}

TEST(AdminCommandTest, OneWordIsOneThatIsNotEmpty) {
  EXPECT_THAT(OneWord(LineOf({"orders"}), "LOG"), IsOkAndHolds(std::string("orders")));
  for (const std::vector<std::string>& words : {std::vector<std::string>{}, {"a", "b"}, {""}}) {
    EXPECT_EQ(AdminExitCode(OneWord(LineOf(words), "LOG").status()), kExitUsage);
  }
}

TEST(AdminCommandTest, AWrongTimeoutIsSaidBeforeAnythingIsBegun) {
  testing::internal::CaptureStderr();
  const ExitCode code = RunAdminCommand("logs list", CommandContext{kServer, "", true, false},
                                        LineOf({"--timeout_s=soon"}), [](const AdminCall&) -> absl::StatusOr<ExitCode> {
                                          ADD_FAILURE() << "it was run";
                                          return kExitOk;
                                        });
  EXPECT_EQ(code, kExitUsage);
  EXPECT_EQ(testing::internal::GetCapturedStderr(),
            "eventlog logs list: --timeout_s=soon: right is a number of 0 or more\n");
}

}  // namespace
}  // namespace eventlog
