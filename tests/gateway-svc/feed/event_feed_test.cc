#include "gateway-svc/feed/event_feed.h"

#include <string>

#include "absl/synchronization/mutex.h"
#include "absl/time/time.h"
#include "gtest/gtest.h"
#include "tests/gateway-svc/feed/fake_log_service.h"

namespace gateway {
namespace {

// Waits until the ring's state is as the test wants it.
class RingWaiter : public RingListener {
 public:
  explicit RingWaiter(EventRing& ring) : ring_(ring) { ring_.AddListener(this); }
  ~RingWaiter() override { ring_.RemoveListener(this); }

  void OnRingChanged() override {
    absl::MutexLock lock(&mutex_);
    ++changes_;
  }
  template <typename Wanted>
  RingState Await(Wanted wanted) {
    const absl::Time deadline = absl::Now() + absl::Seconds(60);
    while (absl::Now() < deadline) {
      int seen = 0;
      {
        absl::MutexLock lock(&mutex_);
        seen = changes_;
      }
      const RingState state = ring_.state();
      if (wanted(state)) return state;
      absl::MutexLock lock(&mutex_);
      const auto changed = [&]() ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_) { return changes_ != seen; };
      mutex_.AwaitWithDeadline(absl::Condition(&changed), deadline);
    }
    ADD_FAILURE() << "the ring did not become as expected";
    return ring_.state();
  }

 private:
  EventRing& ring_;
  absl::Mutex mutex_;
  int changes_ ABSL_GUARDED_BY(mutex_) = 0;
};

class EventFeedTest : public testing::Test {
 protected:
  EventFeedTest() : ring_(1 << 20), waiter_(ring_), feed_(Options(), ring_) {}
  EventFeedOptions Options() const {
    EventFeedOptions options;
    options.server_address = log_.address();
    options.warm_events = 10;
    options.backoff = {absl::Milliseconds(1), absl::Milliseconds(10)};
    return options;
  }
  // Every event of [from, to) is in the ring, once, in order.
  void ExpectInRing(int64_t from, int64_t to) {
    for (int64_t offset = from; offset < to; ++offset) {
      const EventBlockPtr block = ring_.Find(ring_.state().epoch, offset);
      ASSERT_NE(nullptr, block) << offset;
      const EncodedEvent& event = block->events.at(static_cast<size_t>(offset - block->start_offset));
      EXPECT_EQ(offset, event.offset);
      EXPECT_NE(std::string::npos, event.json.find(absl::StrCat("\"data\":", offset, "}")));
    }
  }

  FakeLogService log_;
  EventRing ring_;
  RingWaiter waiter_;
  EventFeed feed_;
};

TEST_F(EventFeedTest, BeginsWarmAndFollows) {
  log_.Grow(100);
  feed_.Start();
  EXPECT_EQ(100, waiter_.Await([](const RingState& state) { return state.ready; }).log_head)
      << "clients that want the latest are not sent the warm events";
  waiter_.Await([](const RingState& state) { return state.head == 100; });
  EXPECT_EQ(90, ring_.state().ring_start);
  log_.Grow(5);
  const RingState state = waiter_.Await([](const RingState& now) { return now.head == 105; });
  EXPECT_TRUE(state.connected);
  EXPECT_EQ("00000000000000aa", state.epoch);
  ExpectInRing(90, 105);
}

TEST_F(EventFeedTest, ALostUpstreamIsFoundAgainWithoutGapOrRepeat) {
  feed_.Start();
  waiter_.Await([](const RingState& state) { return state.connected; });
  for (int round = 1; round <= 20; ++round) {
    log_.Grow(50);
    log_.CutStreams();
    waiter_.Await([&](const RingState& state) { return state.head == round * 50; });
  }
  EXPECT_EQ(1'000, ring_.state().events_published);
  EXPECT_GT(log_.subscriptions(), 10);
  EXPECT_GT(feed_.connects(), 1);
  EXPECT_LE(feed_.connects(), log_.subscriptions());
  ExpectInRing(0, 1'000);
}

TEST_F(EventFeedTest, AReplacedLogBeginsAnewUnderItsOwnEpoch) {
  log_.Grow(100);
  feed_.Start();
  waiter_.Await([](const RingState& state) { return state.head == 100; });
  log_.Replace("00000000000000bb", 20);
  const RingState state =
      waiter_.Await([](const RingState& now) { return now.epoch == "00000000000000bb" && now.head == 20; });
  EXPECT_EQ(10, state.ring_start);
  ExpectInRing(10, 20);
}

TEST_F(EventFeedTest, StopReturnsWhileTheUpstreamIsSilent) {
  feed_.Start();
  waiter_.Await([](const RingState& state) { return state.connected; });
  feed_.Stop();
}

}  // namespace
}  // namespace gateway
