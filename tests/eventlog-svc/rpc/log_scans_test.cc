#include "eventlog-svc/rpc/log_scans.h"

#include <string>
#include <vector>

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

// In the middle, so that what is under way is ended and not only what has not begun.
TEST(LogScansTest, DrainEndsThem) {
  ScanService service;
  service.Fill(100);
  std::vector<v1::VerifyLogResponse> reports;
  std::vector<v1::BackupLogResponse> chunks;
  ASSERT_THAT(service.Verify(reports), IsOk());
  ASSERT_THAT(service.Backup(chunks), IsOk());
  const size_t reports_before = reports.size();
  const size_t chunks_before = chunks.size();
  reports.clear();
  chunks.clear();
  service.AtRead(10, [&service] { service.scans.Drain(); });
  const absl::Status verified = service.Verify(reports);
  EXPECT_THAT(verified, StatusIs(absl::StatusCode::kUnavailable));
  EXPECT_EQ("DRAINING", RpcErrorReason(verified));
  EXPECT_THAT(reports.size(), testing::AllOf(testing::Gt(0u), testing::Lt(reports_before)));
  EXPECT_EQ("DRAINING", ErrorReason(service.last_error));
  const absl::Status backed_up = service.Backup(chunks);
  EXPECT_EQ("DRAINING", RpcErrorReason(backed_up));
  EXPECT_LT(chunks.size(), chunks_before);
}

TEST(LogScansTest, DrainEndsABackupUnderWay) {
  ScanService service;
  service.Fill(100);
  service.AtRead(3, [&service] { service.scans.Drain(); });
  std::vector<v1::BackupLogResponse> messages;
  const absl::Status status = service.Backup(messages);
  EXPECT_THAT(status, StatusIs(absl::StatusCode::kUnavailable));
  EXPECT_EQ("DRAINING", RpcErrorReason(status));
  ASSERT_GT(messages.size(), 1u);
  EXPECT_FALSE(messages.back().has_end());
}

TEST(LogScansTest, ALogThatIsDeletedMeanwhileEndsThem) {
  for (const bool backup : {false, true}) {
    ScanService service;
    const auto log = service.engine().CreateLog("orders", {});
    ASSERT_THAT(log, IsOk());
    for (int i = 0; i < 60; ++i) ASSERT_THAT(Append(**log, MakeBatch({std::string(200, 'x')})), IsOk());
    service.AtRead(3, [&service] { EXPECT_THAT(service.engine().DeleteLog("orders"), IsOk()); });
    std::vector<v1::VerifyLogResponse> reports;
    std::vector<v1::BackupLogResponse> chunks;
    const absl::Status status = backup ? service.Backup(chunks, "orders") : service.Verify(reports, "orders");
    EXPECT_THAT(status, StatusIs(absl::StatusCode::kNotFound, testing::HasSubstr("\"orders\" was deleted")));
    EXPECT_EQ("LOG_NOT_FOUND", RpcErrorReason(status));
    EXPECT_TRUE(chunks.empty() || !chunks.back().has_end());
    EXPECT_TRUE(reports.empty() || !reports.back().has_summary());
  }
}

// One thread works for all of them: the next one is served, and a cancelled one is no error of the service.
TEST(LogScansTest, ACancelledOneGivesItsPlaceToTheNext) {
  ScanService service;
  service.Fill(100);
  // They live until the pool's thread is seen to be done with them: TryCancel may return after the call's end.
  grpc::ClientContext verify_context;
  grpc::ClientContext backup_context;
  {
    service.AtRead(3, [&verify_context] { verify_context.TryCancel(); });
    const auto reader = service.stub->VerifyLog(&verify_context, {});
    for (v1::VerifyLogResponse message; reader->Read(&message);) EXPECT_FALSE(message.has_summary());
    EXPECT_THAT(FromGrpcStatus(reader->Finish()), StatusIs(absl::StatusCode::kCancelled));
  }
  {
    service.AtRead(3, [&backup_context] { backup_context.TryCancel(); });
    const auto reader = service.stub->BackupLog(&backup_context, {});
    for (v1::BackupLogResponse message; reader->Read(&message);) EXPECT_FALSE(message.has_end());
    EXPECT_THAT(FromGrpcStatus(reader->Finish()), StatusIs(absl::StatusCode::kCancelled));
  }
  std::vector<v1::VerifyLogResponse> messages;
  ASSERT_THAT(service.Verify(messages), IsOk());
  EXPECT_EQ(100, messages.back().summary().record_count());
  EXPECT_THAT(service.last_error, IsOk());
}

}  // namespace
}  // namespace eventlog
