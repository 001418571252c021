#include "eventlog-svc/tool/log_backup.h"

#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "grpcpp/create_channel.h"
#include "grpcpp/server_builder.h"
#include "tests/eventlog-svc/tool/full_log.h"

namespace eventlog {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;

// Lists its logs one on a page, and sends what it is told to as a backup.
class ScriptedAdmin : public v1::LogAdmin::Service {
 public:
  ScriptedAdmin() {
    int port = 0;
    grpc::ServerBuilder builder;
    builder.AddListeningPort("127.0.0.1:0", grpc::InsecureServerCredentials(), &port);
    builder.RegisterService(this);
    server_ = builder.BuildAndStart();
    channel = grpc::CreateChannel("127.0.0.1:" + std::to_string(port), grpc::InsecureChannelCredentials());
  }
  ~ScriptedAdmin() override {
    server_->Shutdown();
    server_->Wait();
  }

  grpc::Status ListLogs(grpc::ServerContext*, const v1::ListLogsRequest* request,
                        v1::ListLogsResponse* response) override {
    const size_t page = request->page_token().empty() ? 0 : std::stoul(request->page_token());
    response->add_logs()->set_log(names.at(page));
    if (page + 1 < names.size()) response->set_next_page_token(std::to_string(page + 1));
    return grpc::Status::OK;
  }
  grpc::Status BackupLog(grpc::ServerContext*, const v1::BackupLogRequest*,
                         grpc::ServerWriter<v1::BackupLogResponse>* writer) override {
    for (const v1::BackupLogResponse& message : messages) writer->Write(message);
    return end;
  }

  std::vector<std::string> names;
  std::vector<v1::BackupLogResponse> messages;
  grpc::Status end;
  std::shared_ptr<grpc::Channel> channel;

 private:
  std::unique_ptr<grpc::Server> server_;
};

class LogBackupTest : public testing::Test {
 protected:
  absl::StatusOr<LogCopy> BackUp(const std::string& log = "events") {
    const auto writer = BackupWriter::Create(DataFolder(files_, "/data"), log);
    EXPECT_THAT(writer, IsOk());
    return LogBackup(admin_.channel).BackUp(log, **writer, nullptr);
  }

  FullLog full_;
  ScriptedAdmin admin_;
  FakeFileSystem files_;
};

TEST_F(LogBackupTest, AllPagesOfLogsAreListed) {
  admin_.names = {"events", "orders", "visits"};
  EXPECT_THAT(LogBackup(admin_.channel).ListLogs(), IsOkAndHolds(ElementsAre("events", "orders", "visits")));
}

TEST_F(LogBackupTest, ANameThatIsNoLogsIsRefused) {
  admin_.names = {"events", "../../etc"};
  EXPECT_THAT(LogBackup(admin_.channel).ListLogs(), StatusIs(absl::StatusCode::kInvalidArgument));
}

TEST_F(LogBackupTest, WhatIsStreamedIsWritten) {
  ASSERT_THAT(full_.service.Backup(admin_.messages), IsOk());
  const absl::StatusOr<LogCopy> copy = BackUp();
  ASSERT_THAT(copy, IsOk());
  EXPECT_EQ(full_.epoch, copy->epoch);
  full_.ExpectCopy(files_);
}

TEST_F(LogBackupTest, AStreamThatFailsLeavesNothing) {
  ASSERT_THAT(full_.service.Backup(admin_.messages), IsOk());
  // Also when all had come: what ends badly is not whole.
  admin_.end = grpc::Status(grpc::StatusCode::ABORTED, "trimmed");
  EXPECT_THAT(BackUp(), StatusIs(absl::StatusCode::kAborted, "trimmed"));
  EXPECT_THAT(FullLog::NamesIn(files_, "/data/logs"), IsEmpty());
}

TEST_F(LogBackupTest, AStreamThatEndsTooEarlyLeavesNothing) {
  ASSERT_THAT(full_.service.Backup(admin_.messages), IsOk());
  admin_.messages.pop_back();
  EXPECT_THAT(BackUp(), StatusIs(absl::StatusCode::kDataLoss, HasSubstr("ended before")));
  EXPECT_THAT(FullLog::NamesIn(files_, "/data/logs"), IsEmpty());
}

// The writer's reason is what people need to know, not how the call was ended.
TEST_F(LogBackupTest, WhatTheWriterRefusesEndsTheCall) {
  ASSERT_THAT(full_.service.Backup(admin_.messages), IsOk());
  admin_.messages[1].mutable_chunk()->set_file("../x");
  EXPECT_THAT(BackUp(), StatusIs(absl::StatusCode::kDataLoss, HasSubstr("which is no segment")));
  EXPECT_THAT(FullLog::NamesIn(files_, "/data/logs"), IsEmpty());
}

TEST_F(LogBackupTest, AServiceThatIsAwayIsAnError) {
  LogBackup backup(grpc::CreateChannel("127.0.0.1:1", grpc::InsecureChannelCredentials()));
  EXPECT_THAT(backup.ListLogs(), StatusIs(absl::StatusCode::kUnavailable));
}

}  // namespace
}  // namespace eventlog
