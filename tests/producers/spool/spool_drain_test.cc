#include "producers/spool/spool_drain.h"

#include <memory>
#include <string>
#include <thread>
#include <vector>

#include "absl/strings/str_cat.h"
#include "eventlog-svc/client/spool.h"
#include "eventlog-svc/client/spool_sender_lock.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "tests/support/fake_event_log.h"
#include "tests/support/status_matchers.h"

namespace eventlog {
namespace {

using testing::ElementsAre;

class SpoolDrainTest : public testing::Test {
 protected:
  SpoolDrainTest() {
    options_.folder =
        absl::StrCat(testing::TempDir(), "/", testing::UnitTest::GetInstance()->current_test_info()->name());
    options_.linger = absl::Milliseconds(20);
    options_.wait = [this](absl::Duration time) {
      // As a sender waits, but no signal comes.
      absl::MutexLock lock(&mutex_);
      mutex_.AwaitWithTimeout(absl::Condition(&stopped_), time);
      return !stopped_;
    };
    spool_ = Open();
  }

  std::unique_ptr<Spool> Open() {
    SpoolOptions options;
    options.folder = options_.folder;
    absl::StatusOr<std::unique_ptr<Spool>> spool = Spool::Open(options, {log_.address(), ""});
    EXPECT_THAT(spool, IsOk());
    return *std::move(spool);
  }
  // As another process does.
  void Add(const std::string& text) {
    v1::Event event;
    event.set_type("a");
    event.set_text(text);
    EXPECT_THAT(Open()->Add({event}), IsOk());
  }
  std::unique_ptr<SpoolSenderLock> TakeLock() {
    absl::StatusOr<std::unique_ptr<SpoolSenderLock>> lock = SpoolSenderLock::TryTake(options_.folder);
    EXPECT_THAT(lock, IsOk());
    return *std::move(lock);
  }
  int64_t Left() { return spool_->Stats()->events; }

  FakeEventLog log_;
  SpoolDrainOptions options_;
  std::unique_ptr<Spool> spool_;
  absl::Mutex mutex_;
  bool stopped_ = false;
};

TEST_F(SpoolDrainTest, EverythingIsSentInOrderAndTheLockIsLetGo) {
  for (const char* text : {"1", "2", "3"}) Add(text);
  EXPECT_THAT(DrainSpool(options_), IsOkAndHolds(SpoolDrainEnd::kEmpty));
  EXPECT_THAT(log_.texts(), ElementsAre("1", "2", "3"));
  EXPECT_EQ(0, Left());
  EXPECT_NE(nullptr, TakeLock());
}

TEST_F(SpoolDrainTest, WhatComesWhileItLingersIsSent) {
  Add("1");
  std::vector<std::string> later = {"3", "2"};
  const auto wait = options_.wait;
  options_.wait = [&](absl::Duration time) {
    EXPECT_EQ(nullptr, TakeLock());
    if (!later.empty() && Left() == 0) {
      Add(later.back());
      later.pop_back();
      // It is gone again at the next look, which is late.
      while (Left() > 0) wait(absl::Milliseconds(1));
      return wait(options_.linger);
    }
    return wait(time);
  };
  EXPECT_THAT(DrainSpool(options_), IsOkAndHolds(SpoolDrainEnd::kEmpty));
  EXPECT_THAT(log_.texts(), ElementsAre("1", "2", "3"));
}

// Who adds at this moment sees that the lock is held, and starts nobody.
TEST_F(SpoolDrainTest, WhatComesAfterTheLastLookIsSent) {
  std::vector<std::string> later = {"3", "2", "1"};
  options_.before_release = [&] {
    EXPECT_EQ(nullptr, TakeLock());
    if (later.empty()) return;
    // Who is about to let go must not be quick enough to send it.
    log_.Hold(true);
    Add(later.back());
    later.pop_back();
  };
  const auto wait = options_.wait;
  options_.wait = [&](absl::Duration time) {
    log_.Hold(false);
    return wait(time);
  };
  EXPECT_THAT(DrainSpool(options_), IsOkAndHolds(SpoolDrainEnd::kEmpty));
  EXPECT_THAT(log_.texts(), ElementsAre("1", "2", "3"));
}

TEST_F(SpoolDrainTest, OneAtATimeSends) {
  Add("1");
  const std::unique_ptr<SpoolSenderLock> lock = TakeLock();
  EXPECT_THAT(DrainSpool(options_), IsOkAndHolds(SpoolDrainEnd::kSomebodyElse));
  EXPECT_EQ(1, Left());
}

TEST_F(SpoolDrainTest, LogThatIsAwayIsWaitedFor) {
  log_.Stop();
  Add("1");
  int looks = 0;
  const auto wait = options_.wait;
  options_.wait = [&](absl::Duration time) {
    // Longer than it lingers.
    if (++looks == 20) log_.Start();
    return wait(time);
  };
  EXPECT_THAT(DrainSpool(options_), IsOkAndHolds(SpoolDrainEnd::kEmpty));
  EXPECT_THAT(log_.texts(), ElementsAre("1"));
}

TEST_F(SpoolDrainTest, WhatIsLeftByOneThatIsStoppedIsSentByTheNext) {
  log_.Stop();
  Add("1");
  {
    absl::MutexLock lock(&mutex_);
    stopped_ = true;
  }
  EXPECT_THAT(DrainSpool(options_), IsOkAndHolds(SpoolDrainEnd::kStopped));
  EXPECT_EQ(1, Left());
  log_.Start();
  {
    absl::MutexLock lock(&mutex_);
    stopped_ = false;
  }
  EXPECT_THAT(DrainSpool(options_), IsOkAndHolds(SpoolDrainEnd::kEmpty));
  EXPECT_THAT(log_.texts(), ElementsAre("1"));
}

TEST_F(SpoolDrainTest, FolderWithoutASpoolIsAnError) {
  options_.folder += "-none";
  EXPECT_THAT(DrainSpool(options_), StatusIs(absl::StatusCode::kNotFound));
}

}  // namespace
}  // namespace eventlog
