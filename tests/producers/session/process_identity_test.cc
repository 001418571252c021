#include "producers/session/process_identity.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <signal.h>
#include <sys/wait.h>
#include <unistd.h>

#include <string>

#include "tests/support/status_matchers.h"

namespace eventlog {
namespace {

// A child that does nothing, ended and reaped with the object.
class Idler {
 public:
  Idler() : pid_(fork()) {
    while (pid_ == 0) pause();
  }
  ~Idler() {
    kill(pid_, SIGKILL);
    waitpid(pid_, nullptr, 0);
  }
  pid_t pid() const { return pid_; }

 private:
  const pid_t pid_;
};

TEST(ProcessIdentityTest, AProcessHasAStartTimeAndAZombieHasNone) {
  const Idler idler;
  EXPECT_GT(StartTime(idler.pid()), 0);
  EXPECT_GE(StartTime(idler.pid()), StartTime(getpid()));
  kill(idler.pid(), SIGKILL);
  siginfo_t info;
  ASSERT_EQ(waitid(P_PID, static_cast<id_t>(idler.pid()), &info, WEXITED | WNOWAIT), 0);
  EXPECT_EQ(StartTime(idler.pid()), 0);
  EXPECT_EQ(StartTime(0), 0);
  EXPECT_EQ(StartTime(-1), 0);
}

TEST(ProcessIdentityTest, AProcessMayHaveAnyName) {
  const char* rest = " S 1 2 3 4 5 6 7 8 9 10 11 12 13 14 15 16 17 18 4711 20 21";
  EXPECT_EQ(StartTimeOfStat(std::string("12 (sh)") + rest), 4711);
  EXPECT_EQ(StartTimeOfStat(std::string("12 (a) Z (b c) )") + rest), 4711);
  EXPECT_EQ(StartTimeOfStat("12 (sh) Z 1 2 3 4 5 6 7 8 9 10 11 12 13 14 15 16 17 18 4711 20"), 0);
  EXPECT_EQ(StartTimeOfStat("12 (sh) S 1 2"), 0);
  EXPECT_EQ(StartTimeOfStat(""), 0);
}

TEST(ProcessIdentityTest, WhoeverHasTheNumberNowIsNotSignalled) {
  const Idler idler;
  const int64_t start_time = StartTime(idler.pid());
  EXPECT_THAT(SignalProcess(idler.pid(), start_time - 1, SIGKILL), StatusIs(absl::StatusCode::kNotFound, ::testing::_));
  EXPECT_THAT(SignalProcess(idler.pid(), 0, SIGKILL), StatusIs(absl::StatusCode::kNotFound, ::testing::_));
  EXPECT_EQ(StartTime(idler.pid()), start_time);
  EXPECT_THAT(SignalProcess(idler.pid(), start_time, SIGKILL), IsOk());
  EXPECT_TRUE(WaitForEnd(idler.pid(), start_time, -1, absl::Seconds(60)));
}

TEST(ProcessIdentityTest, WaitingEndsWhenItIsTold) {
  const Idler idler;
  EXPECT_FALSE(WaitForEnd(idler.pid(), StartTime(idler.pid()), -1, absl::Milliseconds(1)));
  int stop[2];
  ASSERT_EQ(pipe(stop), 0);
  ASSERT_EQ(write(stop[1], "x", 1), 1);
  EXPECT_FALSE(WaitForEnd(idler.pid(), StartTime(idler.pid()), stop[0], absl::InfiniteDuration()));
  close(stop[0]);
  close(stop[1]);
}

TEST(ProcessIdentityTest, TheBootHasAnId) {
  EXPECT_EQ(BootId().size(), 36u);
  EXPECT_EQ(BootId(), BootId());
}

}  // namespace
}  // namespace eventlog
