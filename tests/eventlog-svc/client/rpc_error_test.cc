#include "eventlog-svc/client/rpc_error.h"

#include "eventlog-svc/engine/error.h"
#include "gtest/gtest.h"
#include "tests/support/fake_event_log.h"
#include "tests/support/status_matchers.h"

namespace eventlog {
namespace {

TEST(RpcErrorTest, KeepsCodeMessageReasonAndDelay) {
  const absl::Status status = FromRpcStatus(RpcError(8, "QUEUE_FULL", absl::Milliseconds(250)));
  EXPECT_THAT(status, StatusIs(absl::StatusCode::kResourceExhausted, "scripted QUEUE_FULL"));
  EXPECT_EQ(RpcErrorReason(status), "QUEUE_FULL");
  EXPECT_EQ(RpcErrorText(status), "QUEUE_FULL: scripted QUEUE_FULL");
  EXPECT_EQ(RpcErrorText(absl::UnavailableError("away")), "away");
  EXPECT_EQ(RpcRetryDelay(status), absl::Milliseconds(250));
}

TEST(RpcErrorTest, ReadsTheValuesThatAnErrorIsAbout) {
  const absl::Status status =
      Error(absl::StatusCode::kAborted, "OFFSET_MISMATCH", "no", {{"expected", "7"}, {"actual", "9"}});
  EXPECT_EQ(RpcErrorMetadata(status), (std::map<std::string, std::string>{{"actual", "9"}, {"expected", "7"}}));
  EXPECT_TRUE(RpcErrorMetadata(absl::UnavailableError("away")).empty());
}

TEST(RpcErrorTest, ReadsTheDetailsOfACall) {
  const grpc::Status call(grpc::StatusCode::OUT_OF_RANGE, "no",
                          RpcError(11, "OFFSET_OUT_OF_RANGE").SerializeAsString());
  EXPECT_EQ(RpcErrorReason(FromGrpcStatus(call)), "OFFSET_OUT_OF_RANGE");
  EXPECT_TRUE(FromGrpcStatus(grpc::Status::OK).ok());
}

TEST(RpcErrorTest, DetailsThatAreNotDetailsAreLeftAside) {
  for (const std::string& details : {std::string("\xff\xff"), RpcError(5, "LOG_NOT_FOUND").SerializeAsString()}) {
    const absl::Status status = FromGrpcStatus({grpc::StatusCode::UNAVAILABLE, "away", details});
    EXPECT_THAT(status, StatusIs(absl::StatusCode::kUnavailable, "away"));
    EXPECT_EQ(RpcErrorReason(status), "");
    EXPECT_EQ(RpcRetryDelay(status), std::nullopt);
  }
}

TEST(RpcErrorTest, OnlyWhatMaySucceedLaterIsTransient) {
  for (int code : {1, 2, 4, 8, 10, 13, 14}) EXPECT_TRUE(IsTransient(FromRpcStatus(RpcError(code, "X")))) << code;
  for (int code : {3, 5, 6, 7, 9, 11, 12, 15, 16}) {
    EXPECT_FALSE(IsTransient(FromRpcStatus(RpcError(code, "X")))) << code;
  }
}

}  // namespace
}  // namespace eventlog
