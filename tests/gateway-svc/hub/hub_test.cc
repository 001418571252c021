#include "gateway-svc/hub/hub.h"

#include <atomic>
#include <thread>

#include "gtest/gtest.h"
#include "tests/gateway-svc/hub/hub_fixture.h"

namespace gateway {
namespace {

class CountingListener : public RingListener {
 public:
  void OnRingChanged() override { ++changes; }
  std::atomic<int> changes = 0;
};

TEST(HubTest, ABroadcastReachesTheRingAndWakesWhoListens) {
  EventRing ring(1 << 20);
  Hub hub(ring);
  CountingListener listener;
  ring.AddListener(&listener);
  hub.Connected(kEpoch, 0, 10, 10);
  hub.Broadcast(Block(10, 15));
  EXPECT_EQ(2, listener.changes);
  EXPECT_EQ(15, ring.state().head);
  EXPECT_EQ(10, ring.state().ring_start);
  EXPECT_EQ(5, ring.state().events_published);
  ring.RemoveListener(&listener);
  hub.Broadcast(Block(15, 16));
  EXPECT_EQ(2, listener.changes);
}

TEST(HubTest, TheRingOutlivesItsUpstream) {
  EventRing ring(1 << 20);
  Hub hub(ring);
  hub.Connected(kEpoch, 0, 0, 0);
  hub.Broadcast(Block(0, 5));
  hub.Disconnected();
  EXPECT_FALSE(ring.state().connected);
  EXPECT_TRUE(ring.state().ready);
  EXPECT_NE(nullptr, ring.Find(kEpoch, 0));
  hub.Connected(kEpoch, 0, 5, 5);
  EXPECT_NE(nullptr, ring.Find(kEpoch, 0)) << "the same log goes on where it was";
}

TEST(HubTest, AnotherLogEmptiesTheRing) {
  EventRing ring(1 << 20);
  Hub hub(ring);
  hub.Connected(kEpoch, 0, 0, 0);
  hub.Broadcast(Block(0, 5));
  hub.Connected("00000000000000bb", 0, 2, 2);
  EXPECT_EQ(nullptr, ring.Find(kEpoch, 0));
  hub.Broadcast(Block(2, 4));
  EXPECT_EQ(nullptr, ring.Find(kEpoch, 2)) << "the block is another log's";
  EXPECT_NE(nullptr, ring.Find("00000000000000bb", 2));
  EXPECT_EQ(4, ring.state().head);
  EXPECT_EQ("00000000000000bb", ring.state().epoch);
}

TEST(HubTest, TheLogsHeadIsKnownBeforeTheFeedIsThere) {
  EventRing ring(1 << 20);
  Hub hub(ring);
  hub.Connected(kEpoch, 0, /*log_head=*/12, /*next_offset=*/10);
  EXPECT_EQ(12, ring.state().log_head);
  EXPECT_EQ(10, ring.state().head);
  hub.Broadcast(Block(10, 15));
  EXPECT_EQ(15, ring.state().log_head);
}

TEST(HubTest, ABlockThatWasPublishedIsNotPublishedAgain) {
  EventRing ring(1 << 20);
  Hub hub(ring);
  hub.Connected(kEpoch, 0, 0, 0);
  hub.Broadcast(Block(0, 5));
  hub.Broadcast(Block(0, 5));
  EXPECT_EQ(5, ring.state().events_published);
}

}  // namespace
}  // namespace gateway
