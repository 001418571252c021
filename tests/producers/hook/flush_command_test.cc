// This program is started again by its own tests, as the sender.

#include "producers/hook/flush_command.h"

#include <cstdlib>
#include <memory>
#include <string>
#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/synchronization/notification.h"
#include "eventlog-svc/client/spool.h"
#include "eventlog-svc/client/spool_sender_lock.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "producers/cli/dispatcher.h"
#include "producers/spool/spool_sender.h"
#include "tests/support/fake_event_log.h"
#include "tests/support/status_matchers.h"

namespace eventlog {
namespace {

using testing::ElementsAre;

class FlushCommandTest : public testing::Test {
 protected:
  FlushCommandTest() {
    const std::string spools =
        absl::StrCat(testing::TempDir(), "/", testing::UnitTest::GetInstance()->current_test_info()->name());
    setenv(kSpoolDirVariable, spools.c_str(), 1);
    setenv(kSpoolLingerVariable, "1", 1);
    folder_ = SpoolFolder(log_.address(), "");
  }
  ~FlushCommandTest() override {
    // No sender outlives the test.
    absl::Notification never;
    while (spool_ != nullptr && Lock() == nullptr) never.WaitForNotificationWithTimeout(absl::Milliseconds(1));
  }

  void Add(const std::string& text) {
    SpoolOptions options;
    options.folder = folder_;
    absl::StatusOr<std::unique_ptr<Spool>> spool = Spool::Open(options, {log_.address(), ""});
    ASSERT_THAT(spool, IsOk());
    v1::Event event;
    event.set_type("a");
    event.set_text(text);
    EXPECT_THAT((*spool)->Add({event}), IsOk());
    spool_ = *std::move(spool);
  }
  std::unique_ptr<SpoolSenderLock> Lock() {
    absl::StatusOr<std::unique_ptr<SpoolSenderLock>> lock = SpoolSenderLock::TryTake(folder_);
    EXPECT_THAT(lock, IsOk());
    return *std::move(lock);
  }
  ExitCode Run(const std::vector<std::string>& arguments, bool json = true) {
    testing::internal::CaptureStdout();
    const ExitCode code = RunCommand(HookFlushCommand(), {log_.address(), "", json, false}, arguments);
    out_ = testing::internal::GetCapturedStdout();
    return code;
  }

  FakeEventLog log_;
  std::string folder_;
  std::string out_;
  std::unique_ptr<Spool> spool_;
};

TEST_F(FlushCommandTest, WhatNobodySendsIsSent) {
  Add("1");
  Add("2");
  EXPECT_EQ(kExitOk, Run({"--timeout_s=60"}));
  EXPECT_EQ("{\"events\":0,\"bytes\":0}\n", out_);
  EXPECT_THAT(log_.texts(), ElementsAre("1", "2"));
  EXPECT_EQ(kExitOk, Run({}, false));
  EXPECT_EQ("everything is in the log\n", out_);
}

TEST_F(FlushCommandTest, WhatIsLeftIsSaid) {
  Add("1");
  const std::unique_ptr<SpoolSenderLock> somebody_who_does_not_send = Lock();
  EXPECT_EQ(kExitUnreachable, Run({"--timeout_s=0"}));
  EXPECT_EQ("{\"events\":1,\"bytes\":6}\n", out_);
  EXPECT_EQ(kExitUnreachable, Run({"--timeout_s=0"}, false));
  EXPECT_EQ("1 events, 6 bytes, wait for " + log_.address() + "\n", out_);
}

TEST_F(FlushCommandTest, NoSpoolIsEmpty) {
  EXPECT_EQ(kExitOk, Run({}));
  EXPECT_EQ("{\"events\":0,\"bytes\":0}\n", out_);
}

TEST_F(FlushCommandTest, WrongCommandLineIsUsage) {
  for (const char* flag : {"--timeout_s=-1", "--timeout_s=x", "--all", "word"})
    EXPECT_EQ(kExitUsage, Run({flag})) << flag;
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
