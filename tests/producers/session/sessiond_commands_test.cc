#include "producers/session/sessiond_commands.h"

#include <cstdlib>
#include <string>

#include "gtest/gtest.h"

namespace eventlog {
namespace {

// Those that need no sessiond; tests/e2e/sessiond_test.py and sessiond_end_test.py show the others.
class SessiondCommandsTest : public ::testing::Test {
 protected:
  void SetUp() override {
    setenv("EVENTLOG_SESSION_DIR", (::testing::TempDir() + "/sessions").c_str(), 1);
    setenv("EVENTLOG_SESSIOND_SOCKET", "/tmp/there is no sessiond/s", 1);
    unsetenv("EVENTLOG_DETACH_KEY");
  }
};

TEST_F(SessiondCommandsTest, AWrongCommandLineEndsWith2) {
  EXPECT_EQ(StartSessionCommand({}), 2);
  EXPECT_EQ(StartSessionCommand({"--nonsense", "--", "cat"}), 2);
  EXPECT_EQ(StartSessionCommand({"--detach-key=x", "--", "cat"}), 2);
  EXPECT_EQ(StartSessionCommand({"--output", "--output_bytes_per_second_max=0", "--", "cat"}), 2);
  EXPECT_EQ(AttachSessionCommand({}), 2);
  EXPECT_EQ(AttachSessionCommand({"a", "b"}), 2);
  EXPECT_EQ(ListSessionsCommand({"a"}), 2);
  EXPECT_EQ(KillSessionCommand({}), 2);
  EXPECT_EQ(KillSessionCommand({"a", "--signal=NOPE"}), 2);
  EXPECT_EQ(KillSessionCommand({"a", "--signal=1000"}), 2);
}

TEST_F(SessiondCommandsTest, AWrongDetachKeyOfTheEnvironmentIsSeen) {
  setenv("EVENTLOG_DETACH_KEY", "wrong", 1);
  EXPECT_EQ(AttachSessionCommand({"a"}), 2);
}

TEST_F(SessiondCommandsTest, HelpIsHelp) {
  EXPECT_EQ(StartSessionCommand({"--help"}), 0);
  EXPECT_EQ(AttachSessionCommand({"--help"}), 0);
  EXPECT_EQ(ListSessionsCommand({"--help"}), 0);
  EXPECT_EQ(KillSessionCommand({"--help"}), 0);
}

TEST_F(SessiondCommandsTest, WithoutASessiondThereAreNoSessions) {
  EXPECT_EQ(ListSessionsCommand({}), 0);
  EXPECT_EQ(KillSessionCommand({"a"}), 1);
  EXPECT_EQ(KillSessionCommand({"a", "--signal=term"}), 1);
  EXPECT_EQ(AttachSessionCommand({"a"}), 1);
}

}  // namespace
}  // namespace eventlog
