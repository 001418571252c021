// This program is started again by its own tests, as the sender.

#include "producers/hook/flush_command.h"

#include <memory>
#include <string>
#include <vector>

#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "producers/cli/dispatcher.h"
#include "producers/spool/spool_sender.h"
#include "tests/producers/hook/spool_fixture.h"

namespace eventlog {
namespace {

using testing::ElementsAre;

class FlushCommandTest : public SpoolFixture {
 protected:
  ExitCode Run(const std::vector<std::string>& arguments, bool json = true) {
    testing::internal::CaptureStdout();
    const ExitCode code = RunCommand(HookFlushCommand(), {log_.address(), "", json, false}, arguments);
    out_ = testing::internal::GetCapturedStdout();
    return code;
  }

  std::string out_;
};

TEST_F(FlushCommandTest, WhatNobodySendsIsSent) {
  Add("a", "1");
  Add("a", "2");
  EXPECT_EQ(kExitOk, Run({"--timeout_s=60"}));
  EXPECT_EQ("{\"events\":0,\"bytes\":0}\n", out_);
  EXPECT_THAT(log_.texts(), ElementsAre("1", "2"));
  EXPECT_EQ(kExitOk, Run({}, false));
  EXPECT_EQ("everything is in the log\n", out_);
}

TEST_F(FlushCommandTest, WhatIsLeftIsSaid) {
  Add("a", "1");
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
