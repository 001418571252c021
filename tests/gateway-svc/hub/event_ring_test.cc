#include "gateway-svc/hub/event_ring.h"

#include <atomic>
#include <thread>

#include "gateway-svc/hub/hub.h"
#include "gtest/gtest.h"
#include "tests/gateway-svc/hub/hub_fixture.h"

namespace gateway {
namespace {

TEST(EventRingTest, StaysWithinItsBytesAndForgetsTheOldest) {
  EventRing ring(2'000);
  Hub hub(ring);
  hub.Connected(kEpoch, 0, 0, 0);
  for (int64_t offset = 0; offset < 1'000; offset += 2) {
    hub.Broadcast(Block(offset, offset + 2));
    ASSERT_LE(ring.state().bytes, 2'000u);
  }
  const RingState state = ring.state();
  EXPECT_EQ(1'000, state.head);
  EXPECT_GT(state.ring_start, 900);
  EXPECT_EQ(nullptr, ring.Find(kEpoch, state.ring_start - 1));
  EXPECT_EQ(nullptr, ring.Find(kEpoch, 1'000));
  for (int64_t offset = state.ring_start; offset < 1'000; ++offset) {
    const EventBlockPtr block = ring.Find(kEpoch, offset);
    ASSERT_NE(nullptr, block);
    EXPECT_LE(block->start_offset, offset);
    EXPECT_GT(block->next_offset, offset);
  }
}

TEST(EventRingTest, KeepsTheNewestBlockHoweverLarge) {
  EventRing ring(10);
  Hub hub(ring);
  hub.Connected(kEpoch, 0, 0, 0);
  hub.Broadcast(Block(0, 100));
  EXPECT_NE(nullptr, ring.Find(kEpoch, 50));
}

TEST(EventRingTest, ReadersFindWholeBlocksWhileItTurns) {
  EventRing ring(20'000);
  Hub hub(ring);
  hub.Connected(kEpoch, 0, 0, 0);
  std::atomic<bool> done = false;
  std::atomic<int64_t> found = 0;
  std::thread reader([&] {
    while (!done) {
      const RingState state = ring.state();
      if (const EventBlockPtr block = ring.Find(kEpoch, state.ring_start); block != nullptr) {
        EXPECT_EQ(block->events.front().offset, block->start_offset);
        ++found;
      }
    }
  });
  for (int64_t offset = 0; offset < 20'000 || found == 0; ++offset) hub.Broadcast(Block(offset, offset + 1));
  done = true;
  reader.join();
  EXPECT_GT(found, 0);
}

}  // namespace
}  // namespace gateway
