#include "eventlog-svc/rpc/grpc_status.h"

#include "eventlog-svc/engine/error.h"
#include "gtest/gtest.h"
#include "proto/google/rpc/error_details.pb.h"

namespace eventlog {
namespace {

TEST(GrpcStatusTest, OkStaysOk) { EXPECT_TRUE(ToGrpcStatus(absl::OkStatus()).ok()); }

TEST(GrpcStatusTest, CodeMessageAndEveryDetailAreCarried) {
  const absl::Status status = WithRetryDelay(
      Error(absl::StatusCode::kResourceExhausted, "QUEUE_FULL", "full", {{"log", "events"}}), absl::Milliseconds(1500));
  const grpc::Status out = ToGrpcStatus(status);
  EXPECT_EQ(out.error_code(), grpc::StatusCode::RESOURCE_EXHAUSTED);
  EXPECT_EQ(out.error_message(), "full");
  google::rpc::Status details;
  ASSERT_TRUE(details.ParseFromString(out.error_details()));
  EXPECT_EQ(details.code(), grpc::StatusCode::RESOURCE_EXHAUSTED);
  EXPECT_EQ(details.message(), "full");
  ASSERT_EQ(details.details_size(), 2);
  google::rpc::ErrorInfo info;
  google::rpc::RetryInfo retry;
  for (const auto& detail : details.details()) {
    if (detail.Is<google::rpc::ErrorInfo>()) detail.UnpackTo(&info);
    if (detail.Is<google::rpc::RetryInfo>()) detail.UnpackTo(&retry);
  }
  EXPECT_EQ(info.reason(), "QUEUE_FULL");
  EXPECT_EQ(info.domain(), "eventlog.v1");
  EXPECT_EQ(info.metadata().at("log"), "events");
  EXPECT_EQ(retry.retry_delay().seconds(), 1);
  EXPECT_EQ(retry.retry_delay().nanos(), 500'000'000);
}

}  // namespace
}  // namespace eventlog
