// This program is started again by its own tests, as the sender.

#include "producers/hook/status_command.h"

#include <cstdlib>
#include <filesystem>
#include <memory>
#include <string>
#include <vector>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "eventlog-svc/client/json_text.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "producers/cli/dispatcher.h"
#include "producers/hook/lost_events.h"
#include "producers/spool/spool_drain.h"
#include "producers/spool/spool_sender.h"
#include "tests/producers/hook/spool_fixture.h"
#include "tests/support/status_matchers.h"

namespace eventlog {
namespace {

using testing::AllOf;
using testing::HasSubstr;
using testing::Not;

class StatusCommandTest : public SpoolFixture {
 protected:
  std::string Status(bool json = true) {
    testing::internal::CaptureStdout();
    EXPECT_EQ(kExitOk, RunCommand(HookStatusCommand(), {log_.address(), "", json, false}, {}));
    const std::string out = testing::internal::GetCapturedStdout();
    EXPECT_TRUE(!json || IsJson(out)) << out;
    return out;
  }
};

TEST_F(StatusCommandTest, NoSpoolHasNothing) {
  EXPECT_EQ(absl::StrCat("{\"folder\":\"", folder_, "\",\"server\":\"", log_.address(), "\",\"log\":\"events\"",
                         ",\"events\":0,\"bytes\":0,\"added\":0,\"acknowledged\":0,\"rejected\":0,\"dropped\":0,",
                         "\"sender_running\":false}\n"),
            Status());
}

TEST_F(StatusCommandTest, LogIsThatOfTheSession) {
  setenv(kLogVariable, "other", 1);
  EXPECT_THAT(Status(), HasSubstr("\"log\":\"other\",\"events\":0"));
  unsetenv(kLogVariable);
}

TEST_F(StatusCommandTest, SaysWhatWaitsAndWhetherSomebodySends) {
  Add("a");
  const std::unique_ptr<SpoolSenderLock> somebody = Lock();
  EXPECT_THAT(Status(),
              HasSubstr("\"events\":1,\"bytes\":3,\"added\":1,\"acknowledged\":0,\"rejected\":0,\"dropped\":0,"
                        "\"sender_running\":true,\"oldest\":\"2"));
  EXPECT_THAT(Status(false), HasSubstr("waiting  1 events, 3 bytes, the oldest for 0"));
  EXPECT_THAT(Status(false), HasSubstr("sender   running\n"));
}

TEST_F(StatusCommandTest, WhatTheSpoolCouldNotCountIsDroppedToo) {
  std::filesystem::create_directories(folder_);
  EXPECT_TRUE(LostEvents(folder_).Add(3));
  EXPECT_THAT(Status(), HasSubstr("\"dropped\":3,")) << "of a spool that could not even be made";
  Add("a");
  EXPECT_THAT(Status(false), HasSubstr(" 3 dropped\n"));
}

TEST_F(StatusCommandTest, WhatNobodySendsIsSent) {
  Add("a");
  EXPECT_THAT(Status(), HasSubstr("\"sender_running\":true"));
  EXPECT_TRUE(log_.AwaitEvents(1));
}

TEST_F(StatusCommandTest, WhatTheLogRefusedIsShown) {
  log_.SetJudge([](const v1::AppendRequest&) {
    return FakeEventLog::Verdict{FakeEventLog::Fate::kRefuse, RpcError(3, "EVENT_INVALID\x1b[31m")};
  });
  Add("bad");
  SpoolDrainOptions options;
  options.folder = folder_;
  options.linger = absl::ZeroDuration();
  options.wait = [](absl::Duration) { return true; };
  EXPECT_THAT(DrainSpool(options), IsOkAndHolds(SpoolDrainEnd::kEmpty));
  const std::string status = Status();
  EXPECT_THAT(status, HasSubstr("\"events\":0,\"bytes\":0,\"added\":1,\"acknowledged\":0,\"rejected\":1,"));
  EXPECT_THAT(status, HasSubstr("\"last_rejected\":{\"time\":\"2"));
  EXPECT_THAT(status, HasSubstr("\"type\":\"bad\",\"subject\":\"\",\"reason\":\""));
  EXPECT_THAT(status, HasSubstr("EVENT_INVALID"));
  EXPECT_THAT(Status(false),
              AllOf(HasSubstr("last refused: bad at 2"), HasSubstr("\\x1b[31m"), Not(HasSubstr("\x1b"))));
}

}  // namespace
}  // namespace eventlog

int main(int argc, char** argv) {
  const std::vector<std::string> arguments(argv + 1, argv + argc);
  if (!arguments.empty() && arguments[0] == eventlog::kSpoolSenderWord) {
    return eventlog::RunSpoolSender({arguments.begin() + 1, arguments.end()});
  }
  testing::InitGoogleTest(&argc, argv);
  return RUN_ALL_TESTS();
}
