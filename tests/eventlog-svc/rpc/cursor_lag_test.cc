#include "eventlog-svc/rpc/cursor_lag.h"

#include <utility>
#include <vector>

#include "absl/synchronization/notification.h"
#include "eventlog-svc/engine/memory/memory_engine.h"
#include "gtest/gtest.h"
#include "tests/support/log_driver.h"
#include "tests/support/status_matchers.h"

namespace eventlog {
namespace {

TEST(CursorLagTest, TheLagIsThatOfTheOldestRecordNotPassedAndNeverNegative) {
  const auto engine = NewMemoryEngine({});
  Log& log = *engine->logs().front();
  const auto first = Append(log, MakeBatch({"a"}));
  ASSERT_THAT(first, IsOk());
  ASSERT_THAT(Append(log, MakeBatch({"b"})), IsOk());
  for (const auto& [name, offset] : {std::pair{"at_start", 0}, std::pair{"done", 2}}) {
    absl::Notification changed;
    log.Change(ResetCursor{name, offset}, [&](const absl::StatusOr<Cursor>&) { changed.Notify(); });
    changed.WaitForNotification();
  }
  const std::vector<CursorLag> lags = CursorLags(log, first->append_time + absl::Seconds(5));
  ASSERT_EQ(lags.size(), 2u);
  EXPECT_EQ(lags[0].cursor.name, "at_start");
  EXPECT_EQ(lags[0].records, 2);
  EXPECT_EQ(lags[0].time, absl::Seconds(5));
  EXPECT_EQ(lags[1].records, 0);
  EXPECT_EQ(lags[1].time, absl::ZeroDuration());
  EXPECT_EQ(CursorLags(log, first->append_time - absl::Hours(1))[0].time, absl::ZeroDuration());
}

}  // namespace
}  // namespace eventlog
