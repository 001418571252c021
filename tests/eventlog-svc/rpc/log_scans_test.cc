#include "eventlog-svc/rpc/log_scans.h"

#include "eventlog-svc/engine/memory/memory_engine.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "tests/eventlog-svc/rpc/scan_service.h"

namespace eventlog {
namespace {

TEST(LogScansTest, ALogThatIsNotThereIsRefused) {
  ScanService service;
  std::vector<v1::VerifyLogResponse> messages;
  const absl::Status status = service.Verify(messages, "no.such");
  EXPECT_THAT(status, StatusIs(absl::StatusCode::kNotFound));
  EXPECT_EQ("LOG_NOT_FOUND", RpcErrorReason(status));
  EXPECT_EQ("LOG_NOT_FOUND", ErrorReason(service.last_error));
}

TEST(LogScansTest, AFieldThatIsNotKnownIsRefused) {
  ScanService service;
  v1::VerifyLogRequest request;
  request.GetReflection()->MutableUnknownFields(&request)->AddVarint(999, 1);
  grpc::ClientContext context;
  const absl::Status status = FromGrpcStatus(service.stub->VerifyLog(&context, request)->Finish());
  EXPECT_THAT(status, StatusIs(absl::StatusCode::kInvalidArgument, testing::HasSubstr("999")));
  EXPECT_EQ("REQUEST_INVALID", RpcErrorReason(status));
}

TEST(LogScansTest, AnEngineWithoutFilesSaysSo) {
  ScanService service(NewMemoryEngine({}));
  std::vector<v1::VerifyLogResponse> messages;
  EXPECT_THAT(service.Verify(messages), StatusIs(absl::StatusCode::kUnimplemented));
  std::vector<v1::BackupLogResponse> chunks;
  EXPECT_THAT(service.Backup(chunks), StatusIs(absl::StatusCode::kUnimplemented));
}

TEST(LogScansTest, DrainEndsThem) {
  ScanService service;
  service.Fill(10);
  service.scans.Drain();
  std::vector<v1::VerifyLogResponse> messages;
  const absl::Status status = service.Verify(messages);
  EXPECT_THAT(status, StatusIs(absl::StatusCode::kUnavailable));
  EXPECT_EQ("DRAINING", RpcErrorReason(status));
}

}  // namespace
}  // namespace eventlog
