#include "gateway-svc/hub/filter_group.h"

#include <vector>

#include "gateway-svc/hub/hub.h"
#include "gtest/gtest.h"
#include "tests/gateway-svc/hub/hub_fixture.h"

namespace gateway {
namespace {

class FilterGroupTest : public testing::Test {
 protected:
  FilterGroupTest() : ring_(1 << 20), hub_(ring_), pages_(50), cold_(pages_, 1 << 20), kept_(1 << 20) {
    hub_.Connected(kEpoch, 0, 0, 0);
    sources_ = {&ring_, &cold_, &counters_, &kept_, nullptr, 1'000};
  }
  SharedFramePtr FrameAt(FilterGroup& group, int64_t offset, bool others = true) {
    const auto frame = group.FrameAt(offset, ring_.state(), others);
    EXPECT_TRUE(frame.ok());
    return frame.ok() ? *frame : nullptr;
  }

  EventRing ring_;
  Hub hub_;
  FakePages pages_;
  ColdReader cold_;
  TextFormat format_;
  FrameCounters counters_;
  FrameCache kept_;
  FrameSources sources_;
};

TEST_F(FilterGroupTest, ClientsAtOnePlaceShareOneBuffer) {
  hub_.Broadcast(Block(0, 5));
  FilterGroup group(sources_, SpecOf(format_));
  const SharedFramePtr first = FrameAt(group, 0);
  for (int client = 0; client < 1'000; ++client) EXPECT_EQ(first.get(), FrameAt(group, 0).get());
  EXPECT_EQ(1, counters_.built);
  EXPECT_EQ(1'000, counters_.shared);
  EXPECT_EQ("E 0 1 2 3 4 >5;", first->bytes);
}

TEST_F(FilterGroupTest, AFrameSpansBlocksAndEndsAtItsBytes) {
  for (int64_t offset = 0; offset < 40; ++offset) hub_.Broadcast(Block(offset, offset + 1));
  FilterGroup group(sources_, SpecOf(format_));
  const SharedFramePtr frame = FrameAt(group, 0);
  EXPECT_GT(frame->event_count, 5);
  EXPECT_LT(frame->event_count, 15);
  EXPECT_EQ(frame->event_count, frame->next_offset);
}

TEST_F(FilterGroupTest, WhatTheFilterLeavesOutIsLookedAtOnce) {
  hub_.Broadcast(Block(0, 300));
  FilterGroup group(sources_, SpecOf(format_, {{"none"}, {}, {}, {}}));
  const SharedFramePtr frame = FrameAt(group, 0);
  EXPECT_TRUE(frame->bytes.empty());
  EXPECT_EQ(300, frame->next_offset);
}

TEST_F(FilterGroupTest, TheCursorOfAFrameIsBehindWhatWasLeftOut) {
  hub_.Broadcast(Block(0, 6));
  FilterGroup group(sources_, SpecOf(format_, {{"t.0"}, {}, {}, {}}));
  EXPECT_EQ("E 0 3 >6;", FrameAt(group, 0)->bytes);
}

TEST_F(FilterGroupTest, AGapIsAFrameOfItsOwn) {
  hub_.Broadcast(Block(0, 2));
  hub_.Broadcast(GapBlock(2, 7));
  hub_.Broadcast(Block(7, 9));
  FilterGroup group(sources_, SpecOf(format_, {{"none"}, {}, {}, {}}));
  EXPECT_EQ(2, FrameAt(group, 0)->next_offset);
  EXPECT_EQ("G 2 >7;", FrameAt(group, 2)->bytes);
  EXPECT_TRUE(FrameAt(group, 2)->is_gap);
  EXPECT_EQ("G 4 >7;", FrameAt(group, 4)->bytes) << "a client that begins within it";
}

TEST_F(FilterGroupTest, BelowTheRingItAsksTheLog) {
  hub_.Connected(kEpoch, 0, 100, 100);
  hub_.Broadcast(Block(100, 101));
  FilterGroup group(sources_, SpecOf(format_));
  EXPECT_EQ(nullptr, FrameAt(group, 0));
  EXPECT_EQ(0, FrameAt(group, 0)->start_offset);
  EXPECT_EQ(1, pages_.reads);
}

TEST_F(FilterGroupTest, WhatNobodyElseCanWantIsNotKept) {
  hub_.Broadcast(Block(0, 5));
  FilterGroup group(sources_, SpecOf(format_));
  EXPECT_EQ("E 0 1 2 3 4 >5;", FrameAt(group, 0, /*others=*/false)->bytes);
  EXPECT_EQ(0u, kept_.bytes());
  FrameAt(group, 0);
  EXPECT_EQ(2, counters_.built);
  EXPECT_GT(kept_.bytes(), 0u);
}

TEST_F(FilterGroupTest, GroupsDoNotShareEachOthersFrames) {
  hub_.Broadcast(Block(0, 6));
  FilterGroup all(sources_, SpecOf(format_));
  FilterGroup some(sources_, SpecOf(format_, {{"t.0"}, {}, {}, {}}));
  EXPECT_EQ("E 0 1 2 3 4 5 >6;", FrameAt(all, 0)->bytes);
  EXPECT_EQ("E 0 3 >6;", FrameAt(some, 0)->bytes);
}

}  // namespace
}  // namespace gateway
