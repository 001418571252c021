#include "producers/cli/patience.h"

#include "gtest/gtest.h"

namespace eventlog {
namespace {

TEST(PatienceTest, WhatWasWaitedCounts) {
  Patience patience(absl::Seconds(3));
  EXPECT_EQ(patience.left(), absl::Seconds(3));
  patience.Waited(absl::Seconds(1));
  EXPECT_EQ(patience.left(), absl::Seconds(2));
  patience.Waited(absl::Seconds(5));
  EXPECT_EQ(patience.left(), absl::ZeroDuration());
  patience.Renew();
  EXPECT_EQ(patience.left(), absl::Seconds(3));
  patience.GiveUp();
  EXPECT_EQ(patience.left(), absl::ZeroDuration());
}

}  // namespace
}  // namespace eventlog
