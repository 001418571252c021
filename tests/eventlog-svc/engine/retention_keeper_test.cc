#include "eventlog-svc/engine/retention_keeper.h"

#include <memory>
#include <string>

#include "absl/synchronization/notification.h"
#include "eventlog-svc/engine/memory/memory_engine.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "tests/support/log_driver.h"
#include "tests/support/status_matchers.h"

namespace eventlog {
namespace {

constexpr int kEvents = 10;

// A log of ten events, one a second.
class RetentionKeeperTest : public testing::Test {
 protected:
  RetentionKeeperTest() {
    MemoryEngineOptions options;
    options.commit.clock = [this] { return clock_.Now(); };
    options.retention_interval = absl::Hours(1);
    engine_ = NewMemoryEngine(std::move(options));
    log_ = *engine_->FindLog("");
    for (int i = 0; i < kEvents; ++i) {
      clock_.Set(begin_ + absl::Seconds(i));
      EXPECT_THAT(Append(*log_, MakeBatch({std::string(100, 'x')})), IsOk());
    }
  }
  absl::Status Change(LogChange change) {
    absl::Status status;
    absl::Notification done;
    log_->Change(std::move(change), [&](const absl::StatusOr<Cursor>& result) {
      status = result.status();
      done.Notify();
    });
    done.WaitForNotification();
    return status;
  }
  absl::StatusOr<int64_t> StartWith(const LogSettings& settings, absl::Duration age = absl::ZeroDuration()) {
    const absl::Status changed = Change(ChangeSettings{settings});
    if (!changed.ok()) return changed;
    return RetainedStart(*log_, begin_ + absl::Seconds(kEvents - 1) + age);
  }

  const absl::Time begin_ = absl::FromUnixSeconds(1'700'000'000);
  GatedClock clock_;
  std::unique_ptr<LocalEngine> engine_;
  std::shared_ptr<Log> log_;
};

TEST_F(RetentionKeeperTest, WithoutALimitEverythingStays) {
  EXPECT_THAT(StartWith({}, absl::Hours(100000)), IsOkAndHolds(0));
}

TEST_F(RetentionKeeperTest, ByCountTheLastOnesStay) {
  LogSettings settings;
  settings.records_max = 4;
  EXPECT_THAT(StartWith(settings), IsOkAndHolds(6));
  settings.records_max = 40;
  EXPECT_THAT(StartWith(settings), IsOkAndHolds(0));
}

TEST_F(RetentionKeeperTest, ByAgeTheYoungOnesStay) {
  LogSettings settings;
  settings.age_max = absl::Seconds(3);
  EXPECT_THAT(StartWith(settings), IsOkAndHolds(6));
  EXPECT_THAT(StartWith(settings, absl::Hours(1)), IsOkAndHolds(kEvents));
}

TEST_F(RetentionKeeperTest, ByBytesTheLogFits) {
  LogSettings settings;
  settings.bytes_max = log_->size().byte_count * 55 / 100;
  EXPECT_THAT(StartWith(settings), IsOkAndHolds(5));
}

TEST_F(RetentionKeeperTest, TheStrictestLimitHoldsAndACursorHoldsAgainstAll) {
  LogSettings settings;
  settings.records_max = 4;
  settings.age_max = absl::Seconds(1);
  EXPECT_THAT(StartWith(settings), IsOkAndHolds(8));
  ASSERT_THAT(Change(CommitCursor{"slow", 2, 0}), IsOk());
  EXPECT_THAT(StartWith(settings), IsOkAndHolds(8));
  settings.keep_for_cursors = true;
  EXPECT_THAT(StartWith(settings), IsOkAndHolds(2));
}

TEST_F(RetentionKeeperTest, ItsThreadTrimsTheLogs) {
  LogSettings settings;
  settings.records_max = 4;
  ASSERT_THAT(Change(ChangeSettings{settings}), IsOk());
  class Trimmed : public LogListener {
   public:
    void OnLogChanged(const Log& log) override {
      if (log.bounds().start_offset == 6 && !done.HasBeenNotified()) done.Notify();
    }
    absl::Notification done;
  };
  Trimmed trimmed;
  log_->AddListener(&trimmed);
  {
    const RetentionKeeper keeper([this] { return engine_->logs(); }, absl::Milliseconds(1), absl::Now);
    EXPECT_TRUE(trimmed.done.WaitForNotificationWithTimeout(absl::Seconds(60)));
  }
  log_->RemoveListener(&trimmed);
  EXPECT_EQ(log_->size().record_count, 4);
}

}  // namespace
}  // namespace eventlog
