#include "gateway-svc/hub/frame_cache.h"

#include <memory>
#include <string>

#include "gtest/gtest.h"
#include "tests/gateway-svc/hub/hub_fixture.h"

namespace gateway {
namespace {

SharedFramePtr Frame(int64_t offset, size_t bytes) {
  auto frame = std::make_shared<SharedFrame>();
  frame->start_offset = offset;
  frame->next_offset = offset + 1;
  frame->bytes = std::string(bytes, 'x');
  return frame;
}

TEST(FrameCacheTest, AFrameIsFoundByItsGroupAndPlace) {
  FrameCache cache(10'000);
  const uint64_t one = cache.NewGroup(), other = cache.NewGroup();
  EXPECT_EQ(nullptr, cache.Find(one, kEpoch, 7));
  const SharedFramePtr frame = Frame(7, 10);
  cache.Keep(one, frame);
  EXPECT_EQ(frame, cache.Find(one, kEpoch, 7));
  EXPECT_EQ(nullptr, cache.Find(other, kEpoch, 7));
  EXPECT_EQ(nullptr, cache.Find(one, kEpoch, 8));
}

TEST(FrameCacheTest, AnotherLogEmptiesIt) {
  FrameCache cache(10'000);
  const uint64_t group = cache.NewGroup();
  EXPECT_EQ(nullptr, cache.Find(group, kEpoch, 7));
  cache.Keep(group, Frame(7, 10));
  EXPECT_EQ(nullptr, cache.Find(group, "00000000000000bb", 7));
  EXPECT_EQ(0u, cache.bytes());
}

TEST(FrameCacheTest, TheBudgetHoldsForAllGroupsTogether) {
  constexpr size_t kBudget = 20'000;
  FrameCache cache(kBudget);
  for (int i = 0; i < 1'000; ++i) {
    const uint64_t group = cache.NewGroup();
    EXPECT_EQ(nullptr, cache.Find(group, kEpoch, 1));
    cache.Keep(group, Frame(1, 0));  // empty frames are not free
    ASSERT_LE(cache.bytes(), kBudget);
    EXPECT_NE(nullptr, cache.Find(group, kEpoch, 1)) << "the newest stays";
  }
  EXPECT_GT(cache.bytes(), kBudget / 2);
}

TEST(FrameCacheTest, OneFrameAboveTheBudgetIsStillKept) {
  FrameCache cache(100);
  const uint64_t group = cache.NewGroup();
  EXPECT_EQ(nullptr, cache.Find(group, kEpoch, 1));
  cache.Keep(group, Frame(1, 5'000));
  EXPECT_NE(nullptr, cache.Find(group, kEpoch, 1));
  cache.Keep(group, Frame(2, 10));
  EXPECT_EQ(nullptr, cache.Find(group, kEpoch, 1));
}

}  // namespace
}  // namespace gateway
