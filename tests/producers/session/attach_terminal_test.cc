#include "producers/session/attach_terminal.h"

#include <fcntl.h>
#include <pty.h>
#include <sys/socket.h>
#include <unistd.h>

#include <cstdlib>
#include <filesystem>
#include <memory>
#include <string>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "producers/session/sessiond_socket.h"
#include "tests/support/status_matchers.h"

namespace eventlog {
namespace {

// Standard streams that are what the test says, as long as it lasts. What they do with a session is shown by
// tests/e2e/sessiond_test.py.
class AttachTerminalTest : public ::testing::Test {
 protected:
  void SetUp() override {
    ASSERT_NE(mkdtemp(folder_), nullptr);
    for (int stream = 0; stream < 3; ++stream) saved_[stream] = dup(stream);
    const int null = open("/dev/null", O_RDWR);
    Replace(null);
    close(null);
  }
  void TearDown() override {
    for (int stream = 0; stream < 3; ++stream) dup2(saved_[stream], stream);
    for (int saved : saved_) close(saved);
    std::filesystem::remove_all(folder_);
  }
  static void Replace(int descriptor) {
    for (int stream = 0; stream < 3; ++stream) dup2(descriptor, stream);
  }

  char folder_[32] = "/tmp/attach_terminalXXXXXX";
  int saved_[3] = {-1, -1, -1};
};

TEST_F(AttachTerminalTest, WithoutATerminalNothingIsAskedFor) {
  const std::string path = std::string(folder_) + "/s";
  const absl::StatusOr<std::unique_ptr<SessiondSocket>> socket = SessiondSocket::Listen(path);
  const absl::StatusOr<std::unique_ptr<SessiondClient>> client = SessiondClient::Connect(path);
  const absl::Status attached = AttachTerminal(**client, "s", *DetachKey::Parse(kDefaultDetachKey)).status();
  const int rows = TerminalSize().rows();
  EXPECT_THAT(attached, StatusIs(absl::StatusCode::kFailedPrecondition));
  EXPECT_EQ(rows, 0);
}

TEST_F(AttachTerminalTest, TheSizeIsTheTerminals) {
  int master = -1, slave = -1;
  const winsize size = {33, 101, 0, 0};
  ASSERT_EQ(openpty(&master, &slave, nullptr, nullptr, &size), 0);
  Replace(slave);
  const session::v1::WindowSize found = TerminalSize();
  EXPECT_EQ(found.rows(), 33);
  EXPECT_EQ(found.columns(), 101);
  close(master);
  close(slave);
}

}  // namespace
}  // namespace eventlog
