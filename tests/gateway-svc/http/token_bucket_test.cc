#include "gateway-svc/http/token_bucket.h"

#include "gtest/gtest.h"

namespace gateway {
namespace {

TEST(TokenBucketTest, ABurstIsTakenAndThenOnlyTheRate) {
  TokenBucket bucket(3, 10, absl::Seconds(100));
  for (int i = 0; i < 3; ++i) EXPECT_TRUE(bucket.Take(absl::Seconds(100))) << i;
  EXPECT_FALSE(bucket.Take(absl::Seconds(100)));
  EXPECT_EQ(bucket.UntilNext(), absl::Milliseconds(100));
  EXPECT_FALSE(bucket.Take(absl::Seconds(100) + absl::Milliseconds(50)));
  EXPECT_TRUE(bucket.Take(absl::Seconds(100) + absl::Milliseconds(101)));
  EXPECT_FALSE(bucket.Take(absl::Seconds(100) + absl::Milliseconds(101)));
}

TEST(TokenBucketTest, SilenceSavesUpNoMoreThanABurst) {
  TokenBucket bucket(2, 10, absl::ZeroDuration());
  const absl::Duration later = absl::Hours(24);
  EXPECT_TRUE(bucket.Take(later));
  EXPECT_TRUE(bucket.Take(later));
  EXPECT_FALSE(bucket.Take(later));
}

TEST(TokenBucketTest, WhatIsGivenBackCanBeTaken) {
  TokenBucket bucket(1, 10, absl::ZeroDuration());
  EXPECT_TRUE(bucket.Take(absl::ZeroDuration()));
  bucket.GiveBack();
  EXPECT_TRUE(bucket.Take(absl::ZeroDuration()));
  EXPECT_FALSE(bucket.Take(absl::ZeroDuration()));
}

}  // namespace
}  // namespace gateway
