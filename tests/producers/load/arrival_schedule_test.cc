#include "producers/load/arrival_schedule.h"

#include "gtest/gtest.h"

namespace eventlog {
namespace {

const absl::Time kStart = absl::FromUnixSeconds(1'000);

TEST(ArrivalScheduleTest, ProducersTakeTurnsAtTheRateOfAll) {
  const ArrivalSchedule schedule(kStart, 100, 4);
  EXPECT_EQ(schedule.DueAt(0, 0), kStart);
  EXPECT_EQ(schedule.DueAt(3, 0), kStart + absl::Milliseconds(30));
  EXPECT_EQ(schedule.DueAt(1, 25), kStart + absl::Milliseconds(1010));
}

TEST(ArrivalScheduleTest, CountIsOfThoseThatAreDueBefore) {
  for (const double rate : {0.5, 3.0, 7.0, 1000.0, 33'333.0}) {
    for (int producer = 0; producer < 3; ++producer) {
      const ArrivalSchedule schedule(kStart, rate, 3);
      int64_t total = 0;
      for (const absl::Duration elapsed :
           {absl::ZeroDuration(), absl::Milliseconds(1), absl::Seconds(1), absl::Milliseconds(7'777)}) {
        total = schedule.CountDueBefore(producer, kStart + elapsed);
        if (total > 0) {
          EXPECT_LT(schedule.DueAt(producer, total - 1), kStart + elapsed);
        }
        EXPECT_GE(schedule.DueAt(producer, total), kStart + elapsed);
      }
    }
  }
}

TEST(ArrivalScheduleTest, NothingIsDueBeforeTheStart) {
  EXPECT_EQ(ArrivalSchedule(kStart, 100, 1).CountDueBefore(0, kStart - absl::Seconds(5)), 0);
}

TEST(ArrivalScheduleTest, RateHoldsAfterDays) {
  const ArrivalSchedule schedule(kStart, 20'000, 1);
  const int64_t week = int64_t{20'000} * 7 * 24 * 3600;
  EXPECT_EQ(schedule.DueAt(0, week), kStart + absl::Hours(7 * 24));
  EXPECT_EQ(schedule.CountDueBefore(0, kStart + absl::Hours(7 * 24)), week);
}

}  // namespace
}  // namespace eventlog
