// This program is started again by its own tests, as the sender.

#include "producers/spool/spool_sender.h"

#include <signal.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <memory>
#include <string>
#include <vector>

#include "absl/random/random.h"
#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/synchronization/notification.h"
#include "eventlog-svc/client/spool.h"
#include "eventlog-svc/client/spool_sender_lock.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "tests/support/fake_event_log.h"
#include "tests/support/status_matchers.h"

namespace eventlog {
namespace {

using testing::ElementsAre;

constexpr int kRounds = 150;

class SpoolSenderTest : public testing::Test {
 protected:
  SpoolSenderTest()
      : folder_(absl::StrCat(testing::TempDir(), "/", testing::UnitTest::GetInstance()->current_test_info()->name())) {
    setenv(kSpoolLingerVariable, "5", 1);
    SpoolOptions options;
    options.folder = folder_;
    absl::StatusOr<std::unique_ptr<Spool>> spool = Spool::Open(options, {log_.address(), ""});
    EXPECT_THAT(spool, IsOk());
    spool_ = *std::move(spool);
  }
  // No sender outlives the test: they have gone when the lock is free for a while, for all of them linger for 5 ms.
  ~SpoolSenderTest() override {
    for (int free = 0; free < 20; Wait(absl::Milliseconds(5))) free = SomebodySends() ? 0 : free + 1;
  }

  static void Wait(absl::Duration time) { absl::Notification().WaitForNotificationWithTimeout(time); }
  void Add(const std::string& text) {
    v1::Event event;
    event.set_type("a");
    event.set_text(text);
    EXPECT_THAT(spool_->Add({event}), IsOk());
  }
  bool SomebodySends() const {
    const absl::StatusOr<std::unique_ptr<SpoolSenderLock>> lock = SpoolSenderLock::TryTake(folder_);
    EXPECT_THAT(lock, IsOk());
    return *lock == nullptr;
  }
  std::string Log() const {
    std::ifstream file(folder_ + "/sender.log");
    return {(std::istreambuf_iterator<char>(file)), {}};
  }

  FakeEventLog log_;
  const std::string folder_;
  std::unique_ptr<Spool> spool_;
};

TEST_F(SpoolSenderTest, ProcessOfItsOwnSendsAndEnds) {
  Add("1");
  EXPECT_THAT(EnsureSpoolSender(folder_), IsOk());
  ASSERT_TRUE(log_.AwaitEvents(1));
  while (SomebodySends()) Wait(absl::Milliseconds(1));
  EXPECT_EQ(0, spool_->Stats()->events);
  EXPECT_EQ(-1, waitpid(-1, nullptr, WNOHANG)) << "it is our child";
}

TEST_F(SpoolSenderTest, NobodyIsStartedWhereSomebodySends) {
  Add("1");
  absl::StatusOr<std::unique_ptr<SpoolSenderLock>> lock = SpoolSenderLock::TryTake(folder_);
  ASSERT_THAT(lock, IsOk());
  EXPECT_THAT(EnsureSpoolSender(folder_), IsOk());
  EXPECT_FALSE(std::filesystem::exists(folder_ + "/sender.log"));
  lock->reset();
  EXPECT_THAT(EnsureSpoolSender(folder_), IsOk());
  EXPECT_TRUE(log_.AwaitEvents(1));
}

// Each round adds at a random moment of a sender's life and end, as hooks do: with one call of EnsureSpoolSender behind
// it and nobody who would look again.
TEST_F(SpoolSenderTest, NoEventIsLeftBehindWhenASenderEnds) {
  absl::BitGen random;
  std::vector<std::string> added;
  for (int round = 0; round < kRounds; ++round) {
    added.push_back(absl::StrCat(round));
    Add(added.back());
    ASSERT_THAT(EnsureSpoolSender(folder_), IsOk());
    ASSERT_TRUE(log_.AwaitEvents(added.size())) << "event " << round << " is left behind: " << Log();
    Wait(absl::Microseconds(absl::Uniform(random, 0, 25'000)));
  }
  EXPECT_EQ(added, log_.texts());
}

TEST_F(SpoolSenderTest, SignalEndsItAlthoughTheLogIsAway) {
  log_.Stop();
  Add("1");
  const pid_t child = fork();
  if (child == 0) {
    const std::string word = kSpoolSenderWord;
    execl("/proc/self/exe", "sender", word.c_str(), folder_.c_str(), nullptr);
    _exit(99);
  }
  while (!absl::StrContains(Log(), "sending to " + log_.address())) Wait(absl::Milliseconds(1));
  EXPECT_EQ(0, kill(child, SIGTERM));
  int status = 0;
  EXPECT_EQ(child, waitpid(child, &status, 0));
  EXPECT_TRUE(WIFEXITED(status));
  EXPECT_EQ(0, WEXITSTATUS(status)) << Log();
  EXPECT_THAT(Log(), testing::HasSubstr("ended by signal 15"));
  EXPECT_EQ(1, spool_->Stats()->events);
  log_.Start();
  EXPECT_THAT(EnsureSpoolSender(folder_), IsOk());
  EXPECT_TRUE(log_.AwaitEvents(1));
}

TEST_F(SpoolSenderTest, WhatGoesWrongIsAnExitCode) {
  EXPECT_EQ(2, RunSpoolSender({}));
  EXPECT_EQ(2, RunSpoolSender({folder_, folder_}));
  EXPECT_EQ(1, RunSpoolSender({folder_ + "-none"}));
  EXPECT_THAT(EnsureSpoolSender(folder_ + "-none"), StatusIs(absl::StatusCode::kNotFound));
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
