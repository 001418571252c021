#include "producers/session/sessiond_launch.h"

#include <sys/stat.h>
#include <unistd.h>

#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <memory>
#include <sstream>
#include <string>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "producers/session/sessiond_socket.h"
#include "tests/support/status_matchers.h"

namespace eventlog {
namespace {

using ::testing::EndsWith;
using ::testing::HasSubstr;

class SessiondLaunchTest : public ::testing::Test {
 protected:
  void SetUp() override {
    ASSERT_NE(mkdtemp(folder_), nullptr);
    options_.socket_path = Path("s");
    options_.log_path = Path("log");
    options_.program = Path("program");
  }
  void TearDown() override { std::filesystem::remove_all(folder_); }
  std::string Path(const std::string& name) const { return std::string(folder_) + "/" + name; }
  // A program in place of sessiond.
  void Program(const std::string& script) {
    std::ofstream(options_.program) << "#!/bin/bash\n" << script << "\n";
    ASSERT_EQ(chmod(options_.program.c_str(), 0700), 0);
  }
  std::string Text(const std::string& name) const {
    std::ostringstream text;
    text << std::ifstream(Path(name)).rdbuf();
    return text.str();
  }

  char folder_[32] = "/tmp/sessiond_launchXXXXXX";
  SessiondLaunchOptions options_;
};

TEST_F(SessiondLaunchTest, OneThatRunsIsUsed) {
  const absl::StatusOr<std::unique_ptr<SessiondSocket>> socket = SessiondSocket::Listen(options_.socket_path);
  ASSERT_THAT(socket.status(), IsOk());
  EXPECT_THAT(ConnectOrLaunch(options_).status(), IsOk());
}

TEST_F(SessiondLaunchTest, AProgramThatIsNotThereIsNamed) {
  EXPECT_THAT(ConnectOrLaunch(options_).status(), StatusIs(absl::StatusCode::kUnavailable, HasSubstr("program")));
}

TEST_F(SessiondLaunchTest, OneThatEndsIsNotWaitedForAndItsLogIsNamed) {
  Program("echo 'what went wrong' >&2; exit 3");
  EXPECT_THAT(ConnectOrLaunch(options_).status(),
              StatusIs(absl::StatusCode::kUnavailable, HasSubstr(options_.log_path)));
  EXPECT_EQ(Text("log"), "what went wrong\n");
}

TEST_F(SessiondLaunchTest, ItHasASessionOfItsOwnAndNothingOfOurs) {
  int held[2];
  ASSERT_EQ(pipe(held), 0);  // not closed on exec
  Program("cd " + std::string(folder_) +
          "; echo $1 > argument; ps -o sid= -p $$ | tr -d ' ' > sid; echo $$ > pid"
          // No pipe: the shell itself would have it open for a moment.
          "; ls /proc/$$/fd > fds; wc -w < fds > open");
  EXPECT_FALSE(ConnectOrLaunch(options_).ok());
  EXPECT_EQ(Text("argument"), "--socket=" + options_.socket_path + "\n");
  EXPECT_EQ(Text("sid"), Text("pid"));
  EXPECT_EQ(Text("open"), "4\n");  // standard streams, and the script
  close(held[0]);
  close(held[1]);
}

TEST_F(SessiondLaunchTest, AFullLogIsBegunAnew) {
  std::ofstream(options_.log_path) << std::string(2 * 1024 * 1024, 'x');
  Program("echo new >&2");
  EXPECT_FALSE(ConnectOrLaunch(options_).ok());
  EXPECT_EQ(Text("log"), "new\n");
}

TEST_F(SessiondLaunchTest, OneThatIsNeverReadyIsGivenUp) {
  options_.patience = absl::Milliseconds(20);
  Program("read < " + Path("never"));
  ASSERT_EQ(mkfifo(Path("never").c_str(), 0600), 0);
  EXPECT_THAT(ConnectOrLaunch(options_).status(), StatusIs(absl::StatusCode::kUnavailable, HasSubstr("come up")));
  std::ofstream(Path("never")) << "end\n";
}

TEST(SessiondProgramTest, ItIsBesideThisOne) { EXPECT_THAT(SessiondProgram(), EndsWith("/sessiond")); }

}  // namespace
}  // namespace eventlog
