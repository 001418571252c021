#include "producers/cli/start_text.h"

#include "absl/strings/str_cat.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "proto/eventlog/v1/event_log.pb.h"
#include "tests/support/status_matchers.h"

namespace eventlog {
namespace {

using testing::HasSubstr;

const absl::Time kNow = absl::FromUnixSeconds(1'000'000);

template <typename Request>
Request Start(absl::string_view text) {
  Request request;
  EXPECT_THAT(SetStart("from", text, kNow, request), IsOk()) << text;
  return request;
}

TEST(StartTextTest, EveryStartHasItsWords) {
  EXPECT_TRUE(Start<v1::ReadRequest>("earliest").has_earliest());
  EXPECT_TRUE(Start<v1::ReadRequest>("latest").has_latest());
  EXPECT_TRUE(Start<v1::SubscribeRequest>("latest").has_latest());
  EXPECT_EQ(Start<v1::ReadRequest>("42").offset(), 42);
  EXPECT_EQ(Start<v1::SubscribeRequest>("tail:7").tail(), 7);
  EXPECT_EQ(Start<v1::ReadRequest>("time:1970-01-01T00:00:01.5Z").time().seconds(), 1);
  EXPECT_EQ(Start<v1::ReadRequest>("time:1970-01-01T00:00:01.5Z").time().nanos(), 500'000'000);
  EXPECT_EQ(Start<v1::ReadRequest>("time:1h").time().seconds(), 996'400);
}

TEST(StartTextTest, WhatIsNoStartIsRefusedWithWhatIsRight) {
  for (const char* text : {"", "newest", "-1", "tail:", "tail:-1", "tail:x", "1.5"}) {
    v1::ReadRequest request;
    EXPECT_THAT(SetStart("from", text, kNow, request),
                StatusIs(absl::StatusCode::kInvalidArgument,
                         HasSubstr(absl::StrCat("--from=", text, ": right is earliest, latest, an offset"))))
        << text;
  }
  v1::ReadRequest request;
  EXPECT_THAT(
      SetStart("from", "time:yesterday", kNow, request),
      StatusIs(absl::StatusCode::kInvalidArgument, HasSubstr("--from=time:yesterday: \"yesterday\" is no time")));
}

}  // namespace
}  // namespace eventlog
