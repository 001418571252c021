#include "eventlog-svc/engine/error.h"

#include "absl/strings/cord.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "proto/google/rpc/error_details.pb.h"
#include "tests/support/status_matchers.h"

namespace eventlog {
namespace {

using testing::AllOf;
using testing::Not;
using testing::Pair;
using testing::UnorderedElementsAre;

template <typename Message>
Message Payload(const absl::Status& status, const char* url) {
  Message message;
  const auto payload = status.GetPayload(url);
  EXPECT_TRUE(payload.has_value() && message.ParseFromString(std::string(*payload))) << url;
  return message;
}

TEST(ErrorTest, CarriesDomainReasonAndValues) {
  const absl::Status status = Error(absl::StatusCode::kAborted, "OFFSET_MISMATCH", "the next offset is 7, not 5",
                                    {{"expected", "5"}, {"actual", "7"}});
  EXPECT_THAT(status,
              AllOf(StatusIs(absl::StatusCode::kAborted, "the next offset is 7, not 5"), HasReason("OFFSET_MISMATCH")));
  const auto info = Payload<google::rpc::ErrorInfo>(status, kErrorInfoUrl);
  EXPECT_EQ(info.domain(), "eventlog.v1");
  EXPECT_THAT(info.metadata(), UnorderedElementsAre(Pair("expected", "5"), Pair("actual", "7")));
}

TEST(ErrorTest, RetryDelayIsKeptToTheNanosecondBesideTheReason) {
  const absl::Status status = WithRetryDelay(Error(absl::StatusCode::kResourceExhausted, "QUEUE_FULL", "full"),
                                             absl::Nanoseconds(2'500'000'001));
  EXPECT_THAT(status, HasReason("QUEUE_FULL"));
  const auto info = Payload<google::rpc::RetryInfo>(status, kRetryInfoUrl);
  EXPECT_EQ(info.retry_delay().seconds(), 2);
  EXPECT_EQ(info.retry_delay().nanos(), 500'000'001);
}

TEST(ErrorTest, AStatusMadeElsewhereHasNoReason) {
  EXPECT_EQ(ErrorReason(absl::OkStatus()), "");
  EXPECT_EQ(ErrorReason(absl::InternalError("x")), "");
}

TEST(ErrorTest, APayloadThatIsNotAnErrorInfoHasNoReason) {
  absl::Status status = absl::InternalError("x");
  status.SetPayload(kErrorInfoUrl, absl::Cord("\xFF\xFF"));
  EXPECT_EQ(ErrorReason(status), "");
}

TEST(ErrorTest, WhatSeveralPlacesSay) {
  EXPECT_THAT(DrainingError(), testing::AllOf(StatusIs(absl::StatusCode::kUnavailable), HasReason("DRAINING")));
  EXPECT_THAT(PriorAppendError(),
              testing::AllOf(StatusIs(absl::StatusCode::kAborted), HasReason("PRIOR_APPEND_FAILED")));
}

TEST(StatusMatchersTest, TellStatusesApart) {
  const absl::Status status = Error(absl::StatusCode::kNotFound, "LOG_NOT_FOUND", "no such log");
  EXPECT_THAT(absl::OkStatus(), IsOk());
  EXPECT_THAT(status, Not(IsOk()));
  EXPECT_THAT(status, StatusIs(absl::StatusCode::kNotFound, testing::HasSubstr("such")));
  EXPECT_THAT(status, Not(StatusIs(absl::StatusCode::kNotFound, "another")));
  EXPECT_THAT(status, Not(StatusIs(absl::StatusCode::kAborted)));
  EXPECT_THAT(status, Not(HasReason("LOG_EXISTS")));
}

TEST(StatusMatchersTest, LookIntoAStatusOr) {
  const absl::StatusOr<int> seven = 7;
  const absl::StatusOr<int> none = Error(absl::StatusCode::kNotFound, "LOG_NOT_FOUND", "no such log");
  EXPECT_THAT(seven, IsOkAndHolds(7));
  EXPECT_THAT(seven, IsOkAndHolds(testing::Gt(6)));
  EXPECT_THAT(seven, Not(IsOkAndHolds(8)));
  EXPECT_THAT(none, Not(IsOkAndHolds(7)));
  EXPECT_THAT(none, HasReason("LOG_NOT_FOUND"));
}

}  // namespace
}  // namespace eventlog
