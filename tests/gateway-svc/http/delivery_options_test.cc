#include "gateway-svc/http/delivery_options.h"

#include <string>

#include "gmock/gmock.h"
#include "gtest/gtest.h"

namespace gateway {
namespace {

using testing::HasSubstr;

TEST(DeliveryOptionsTest, WhatHoldsWithoutAWordDependsOnTheMode) {
  DeliveryOptions options;
  EXPECT_EQ(options.mode(), DeliveryMode::kLossless);
  EXPECT_EQ(options.batch_max(), 1000);
  EXPECT_FALSE(options.linger().has_value());
  EXPECT_FALSE(options.fail_on_gap());
  EXPECT_TRUE(options.SetMode("conflate").ok());
  EXPECT_EQ(options.batch_max(), 1000);
  EXPECT_EQ(options.linger(), absl::Milliseconds(100));
  EXPECT_TRUE(options.SetMode("sample").ok());
  EXPECT_EQ(options.batch_max(), 1);
  EXPECT_EQ(options.linger(), absl::Milliseconds(100));
  EXPECT_TRUE(options.SetMode("lossless").ok());
  EXPECT_EQ(options.mode(), DeliveryMode::kLossless);
  EXPECT_FALSE(options.linger().has_value());
}

TEST(DeliveryOptionsTest, WhatWasSaidHoldsInEveryModeInAnyOrder) {
  DeliveryOptions options;
  EXPECT_TRUE(options.SetBatchMax(7).ok());
  EXPECT_TRUE(options.SetLingerMs(0).ok());
  EXPECT_TRUE(options.SetMode("sample").ok());
  EXPECT_EQ(options.batch_max(), 7);
  EXPECT_EQ(options.linger(), absl::ZeroDuration());
}

TEST(DeliveryOptionsTest, NumbersHaveBoundsThatTheRefusalNames) {
  DeliveryOptions options;
  EXPECT_TRUE(options.SetBatchMax(1).ok());
  EXPECT_TRUE(options.SetBatchMax(10'000).ok());
  for (const int64_t bad : {INT64_MIN, int64_t{-1}, int64_t{0}, int64_t{10'001}, int64_t{65'537}, INT64_MAX}) {
    const absl::Status status = options.SetBatchMax(bad);
    EXPECT_EQ(status.code(), absl::StatusCode::kInvalidArgument) << bad;
    EXPECT_THAT(std::string(status.message()), HasSubstr("batch_max: " + std::to_string(bad)));
    EXPECT_THAT(std::string(status.message()), HasSubstr("1 to 10000"));
  }
  EXPECT_EQ(options.batch_max(), 10'000) << "a refused value changes nothing";
  EXPECT_TRUE(options.SetLingerMs(10'000).ok());
  for (const int64_t bad : {INT64_MIN, int64_t{-1}, int64_t{10'001}, int64_t{65'536}}) {
    EXPECT_EQ(options.SetLingerMs(bad).code(), absl::StatusCode::kInvalidArgument) << bad;
  }
  EXPECT_EQ(options.linger(), absl::Seconds(10));
}

TEST(DeliveryOptionsTest, WordsAreExact) {
  DeliveryOptions options;
  for (const char* bad : {"", "Sample", "sample ", "all"}) EXPECT_FALSE(options.SetMode(bad).ok()) << bad;
  EXPECT_EQ(options.mode(), DeliveryMode::kLossless);
  EXPECT_TRUE(options.SetOnGap("fail").ok());
  EXPECT_FALSE(options.SetOnGap("no").ok());
  EXPECT_TRUE(options.fail_on_gap());
  EXPECT_TRUE(options.SetOnGap("skip").ok());
  EXPECT_FALSE(options.fail_on_gap());
}

TEST(DeliveryOptionsTest, AHeartbeatIsOneSecondToOneHour) {
  absl::Duration heartbeat = kHeartbeatDefault;
  for (const int64_t bad : {-1, 0, 3601}) EXPECT_FALSE(SetHeartbeatSeconds(bad, heartbeat).ok()) << bad;
  EXPECT_EQ(heartbeat, kHeartbeatDefault);
  EXPECT_TRUE(SetHeartbeatSeconds(3600, heartbeat).ok());
  EXPECT_EQ(heartbeat, absl::Hours(1));
  EXPECT_TRUE(SetHeartbeatSeconds(1, heartbeat).ok());
  EXPECT_EQ(heartbeat, absl::Seconds(1));
}

}  // namespace
}  // namespace gateway
