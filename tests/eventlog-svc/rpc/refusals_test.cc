#include "eventlog-svc/rpc/refusals.h"

#include "eventlog-svc/engine/error.h"
#include "gtest/gtest.h"
#include "proto/eventlog/v1/event_log.pb.h"
#include "tests/support/status_matchers.h"

namespace eventlog {
namespace {

using testing::HasSubstr;

TEST(RefusalsTest, AnUnknownFieldIsRefusedWhereverItLiesButNotInEvents) {
  v1::AppendRequest request;
  v1::Event& event = *request.add_events();
  event.GetReflection()->MutableUnknownFields(&event)->AddVarint(999, 1);
  EXPECT_THAT(RefuseUnknown(request), IsOk());
  v1::ProducerSequence& producer = *request.mutable_producer();
  producer.GetReflection()->MutableUnknownFields(&producer)->AddVarint(998, 1);
  EXPECT_THAT(RefuseUnknown(request),
              StatusIs(absl::StatusCode::kInvalidArgument, HasSubstr("producer: field number 998")));
}

TEST(RefusalsTest, EachHasItsReason) {
  EXPECT_THAT(QueueFull("reads"), HasReason("QUEUE_FULL"));
  EXPECT_TRUE(QueueFull("reads").GetPayload(kRetryInfoUrl).has_value());
}

}  // namespace
}  // namespace eventlog
