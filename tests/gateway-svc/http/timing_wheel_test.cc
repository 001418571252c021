#include "gateway-svc/http/timing_wheel.h"

#include <algorithm>
#include <array>
#include <functional>
#include <map>
#include <random>
#include <set>

#include "gtest/gtest.h"

namespace gateway {
namespace {

constexpr absl::Duration kResolution = absl::Milliseconds(4);

TEST(TimingWheelTest, FiresWhatASortedListWouldFireUpToOneSlotLate) {
  for (unsigned seed = 0; seed < 40; ++seed) {
    std::mt19937 random(seed);
    const size_t slots = 1 + random() % 40;
    absl::Duration now = absl::Microseconds(random() % 1'000'000);
    TimingWheel wheel(kResolution, slots, now);
    std::array<TimingWheel::Timer, 30> timers;
    std::map<TimingWheel::Timer*, absl::Duration> model;
    for (int step = 0; step < 3000; ++step) {
      TimingWheel::Timer& timer = timers[random() % timers.size()];
      if (random() % 2 == 0) {
        // Also in the past, now, and further away than the wheel is long.
        const absl::Duration due = now + absl::Microseconds(static_cast<int64_t>(random() % 400'000) - 5'000);
        wheel.Schedule(timer, due);
        model[&timer] = std::max(due, now);
      } else if (random() % 3 == 0) {
        wheel.Cancel(timer);
        model.erase(&timer);
      } else {
        now += absl::Microseconds(random() % (random() % 10 == 0 ? 500'000 : 6'000));
        std::set<TimingWheel::Timer*> fired;
        wheel.Advance(now, [&](TimingWheel::Timer& due) {
          ASSERT_FALSE(due.scheduled()) << "taken out before it is called";
          ASSERT_TRUE(fired.insert(&due).second);
          ASSERT_LE(due.due(), now) << "none early";
        });
        for (auto it = model.begin(); it != model.end();) {
          const bool has_fired = fired.count(it->first) > 0;
          ASSERT_TRUE(has_fired || it->second > now - kResolution) << "later than a slot";
          it = has_fired ? model.erase(it) : std::next(it);
        }
      }
      for (TimingWheel::Timer& each : timers) ASSERT_EQ(each.scheduled(), model.count(&each) > 0);
      ASSERT_EQ(wheel.NextDue() == absl::InfiniteDuration(), model.empty());
    }
  }
}

TEST(TimingWheelTest, WhoSleepsUntilNextDueMissesNothing) {
  std::mt19937 random(99);
  absl::Duration now = absl::Seconds(7);
  TimingWheel wheel(kResolution, 16, now);
  std::array<TimingWheel::Timer, 50> timers;
  for (TimingWheel::Timer& timer : timers) wheel.Schedule(timer, now + absl::Microseconds(random() % 1'000'000));
  int fired = 0;
  for (int turns = 0; wheel.NextDue() != absl::InfiniteDuration(); ++turns) {
    ASSERT_LT(turns, 1000);
    ASSERT_GT(wheel.NextDue(), now) << "it would spin";
    now = wheel.NextDue();
    wheel.Advance(now, [&](TimingWheel::Timer& timer) {
      ++fired;
      ASSERT_LE(timer.due(), now);
      ASSERT_LE(now - timer.due(), kResolution);
    });
  }
  EXPECT_EQ(fired, 50);
}

TEST(TimingWheelTest, AnExpiredTimerMayScheduleAndCancelAny) {
  absl::Duration now;
  TimingWheel wheel(kResolution, 8, now);
  TimingWheel::Timer first, second, third;
  for (TimingWheel::Timer* timer : {&first, &second}) wheel.Schedule(*timer, absl::Milliseconds(1));
  int fired = 0;
  wheel.Advance(now = absl::Milliseconds(20), [&](TimingWheel::Timer& timer) {
    ++fired;
    wheel.Cancel(&timer == &first ? second : first);
    wheel.Schedule(timer, now);  // due at once: at the next turn, or this would not end
    wheel.Schedule(third, now);
  });
  EXPECT_EQ(fired, 1) << "the other one was cancelled";
  wheel.Advance(now = absl::Milliseconds(24), [&](TimingWheel::Timer&) { ++fired; });
  EXPECT_EQ(fired, 3);
  EXPECT_EQ(wheel.NextDue(), absl::InfiniteDuration());
}

TEST(TimingWheelTest, MovingATimerLeavesOnlyItsLastPlace) {
  TimingWheel wheel(kResolution, 8, absl::ZeroDuration());
  TimingWheel::Timer timer;
  wheel.Schedule(timer, absl::Milliseconds(4));
  wheel.Schedule(timer, absl::Milliseconds(400));
  EXPECT_EQ(timer.due(), absl::Milliseconds(400));
  int fired = 0;
  const auto count = [&](TimingWheel::Timer&) { ++fired; };
  wheel.Advance(absl::Milliseconds(399), count);
  EXPECT_EQ(fired, 0);
  wheel.Advance(absl::Milliseconds(408), count);
  EXPECT_EQ(fired, 1);
  wheel.Advance(absl::Milliseconds(9000), count);
  EXPECT_EQ(fired, 1);
}

}  // namespace
}  // namespace gateway
