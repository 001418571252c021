#include "producers/session/sessiond_socket.h"

#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <memory>
#include <string>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "tests/support/status_matchers.h"

namespace eventlog {
namespace {

using ::testing::HasSubstr;

class SessiondSocketTest : public ::testing::Test {
 protected:
  // Short: a socket's path has 107 bytes.
  void SetUp() override { ASSERT_NE(nullptr, mkdtemp(folder_)); }
  void TearDown() override { std::filesystem::remove_all(folder_); }
  std::string Path() const { return std::string(folder_) + "/s"; }

  char folder_[32] = "/tmp/sessiond_socketXXXXXX";
};

TEST_F(SessiondSocketTest, ItIsForItsUserAlone) {
  absl::StatusOr<std::unique_ptr<SessiondSocket>> socket = SessiondSocket::Listen(Path());
  ASSERT_THAT(socket.status(), IsOk());
  struct stat found;
  ASSERT_EQ(0, stat(Path().c_str(), &found));
  EXPECT_EQ(0600U, found.st_mode & 0777);
}

TEST_F(SessiondSocketTest, ThePeerIsKnown) {
  absl::StatusOr<std::unique_ptr<SessiondSocket>> socket = SessiondSocket::Listen(Path());
  ASSERT_THAT(socket.status(), IsOk());
  absl::StatusOr<int> client = ConnectToSessiond(Path());
  ASSERT_THAT(client.status(), IsOk());
  const int accepted = accept((*socket)->Release(), nullptr, nullptr);
  absl::StatusOr<ucred> peer = PeerOf(accepted);
  ASSERT_THAT(peer.status(), IsOk());
  EXPECT_EQ(getpid(), peer->pid);
  EXPECT_EQ(geteuid(), peer->uid);
  close(accepted);
  close(*client);
}

TEST_F(SessiondSocketTest, WhatAnotherUserListensOnIsNotTalkedTo) {
  const int other = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
  sockaddr_un address{};
  address.sun_family = AF_UNIX;
  Path().copy(address.sun_path, sizeof(address.sun_path) - 1);
  ASSERT_EQ(0, bind(other, reinterpret_cast<const sockaddr*>(&address), sizeof(address)));
  const uid_t own = geteuid();
  constexpr uid_t kNobody = 65534;
  // Root alone can be another user; where we are not, it is our own that listens.
  const bool others = own != kNobody && seteuid(kNobody) == 0;
  const int listening = listen(other, 1);
  ASSERT_EQ(0, seteuid(own));
  ASSERT_EQ(0, listening);
  EXPECT_EQ(others, absl::IsPermissionDenied(ConnectToSessiond(Path()).status()));
  close(other);
}

TEST(MayConnectTest, ItsUserAndRootMay) {
  EXPECT_TRUE(MayConnect(1000, 1000));
  EXPECT_TRUE(MayConnect(0, 1000));
  EXPECT_TRUE(MayConnect(0, 0));
  EXPECT_FALSE(MayConnect(1001, 1000));
  EXPECT_FALSE(MayConnect(1000, 0));
}

TEST_F(SessiondSocketTest, ASecondOneIsRefusedAndTheFirstStays) {
  absl::StatusOr<std::unique_ptr<SessiondSocket>> first = SessiondSocket::Listen(Path());
  ASSERT_THAT(first.status(), IsOk());
  EXPECT_THAT(SessiondSocket::Listen(Path()).status(),
              StatusIs(absl::StatusCode::kAlreadyExists, HasSubstr("another sessiond")));
  absl::StatusOr<int> client = ConnectToSessiond(Path());
  ASSERT_THAT(client.status(), IsOk());
  close(*client);
}

TEST_F(SessiondSocketTest, AStaleSocketIsReplaced) {
  {
    absl::StatusOr<std::unique_ptr<SessiondSocket>> first = SessiondSocket::Listen(Path());
    ASSERT_THAT(first.status(), IsOk());
    // What a SIGKILL leaves: the file without a process.
    ASSERT_EQ(0, link(Path().c_str(), (Path() + "2").c_str()));
  }
  ASSERT_EQ(0, rename((Path() + "2").c_str(), Path().c_str()));
  EXPECT_THAT(ConnectToSessiond(Path()).status(), StatusIs(absl::StatusCode::kNotFound));
  EXPECT_THAT(SessiondSocket::Listen(Path()).status(), IsOk());
}

TEST_F(SessiondSocketTest, AFileThatIsNoSocketIsLeftAlone) {
  std::ofstream(Path()) << "precious";
  EXPECT_THAT(SessiondSocket::Listen(Path()).status(), StatusIs(absl::StatusCode::kFailedPrecondition));
  EXPECT_EQ(0, access(Path().c_str(), F_OK));
}

TEST_F(SessiondSocketTest, TheFileGoesWithIt) {
  { ASSERT_THAT(SessiondSocket::Listen(Path()).status(), IsOk()); }
  EXPECT_NE(0, access(Path().c_str(), F_OK));
}

TEST_F(SessiondSocketTest, ALongPathIsRefused) {
  const std::string path = std::string(folder_) + "/" + std::string(120, 'x');
  EXPECT_THAT(SessiondSocket::Listen(path).status(), StatusIs(absl::StatusCode::kInvalidArgument, HasSubstr("107")));
  EXPECT_THAT(ConnectToSessiond(path).status(), StatusIs(absl::StatusCode::kInvalidArgument));
}

TEST(SessiondSocketPathTest, TheEnvironmentSaysWhere) {
  setenv(kSessiondSocketVariable, "/x/y.sock", 1);
  EXPECT_EQ("/x/y.sock", SessiondSocketPath("/state"));
  unsetenv(kSessiondSocketVariable);
  setenv("XDG_RUNTIME_DIR", "/run/user/1", 1);
  EXPECT_EQ("/run/user/1/eventlog-sessiond.sock", SessiondSocketPath("/state"));
  unsetenv("XDG_RUNTIME_DIR");
  EXPECT_EQ("/state/eventlog-sessiond.sock", SessiondSocketPath("/state"));
}

}  // namespace
}  // namespace eventlog
