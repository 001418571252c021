#include "gateway-svc/http/frame_allowance.h"

#include "gtest/gtest.h"

namespace gateway {
namespace {

TEST(FrameAllowanceTest, ABurstIsTakenAndThenOnlyTheRate) {
  FrameAllowance allowance(3, 10, absl::Seconds(100));
  for (int i = 0; i < 3; ++i) EXPECT_TRUE(allowance.Take(absl::Seconds(100))) << i;
  EXPECT_FALSE(allowance.Take(absl::Seconds(100)));
  EXPECT_FALSE(allowance.Take(absl::Seconds(100) + absl::Milliseconds(50)));
  EXPECT_TRUE(allowance.Take(absl::Seconds(100) + absl::Milliseconds(101)));
  EXPECT_FALSE(allowance.Take(absl::Seconds(100) + absl::Milliseconds(101)));
}

TEST(FrameAllowanceTest, SilenceSavesUpNoMoreThanABurst) {
  FrameAllowance allowance(2, 10, absl::ZeroDuration());
  const absl::Duration later = absl::Hours(24);
  EXPECT_TRUE(allowance.Take(later));
  EXPECT_TRUE(allowance.Take(later));
  EXPECT_FALSE(allowance.Take(later));
}

}  // namespace
}  // namespace gateway
