#include "eventlog-svc/tool/log_backup.h"

#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "absl/base/thread_annotations.h"
#include "absl/synchronization/mutex.h"
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
    absl::MutexLock lock(&mutex_);
    const size_t page = request->page_token().empty() ? 0 : std::stoul(request->page_token());
    response->add_logs()->set_log(names_.at(page));
    if (page + 1 < names_.size()) response->set_next_page_token(std::to_string(page + 1));
    return grpc::Status::OK;
  }
  grpc::Status BackupLog(grpc::ServerContext*, const v1::BackupLogRequest*,
                         grpc::ServerWriter<v1::BackupLogResponse>* writer) override {
    absl::MutexLock lock(&mutex_);
    for (const v1::BackupLogResponse& message : messages_) writer->Write(message);
    return end_;
  }

  void List(std::vector<std::string> names) {
    absl::MutexLock lock(&mutex_);
    names_ = std::move(names);
  }
  void Send(std::vector<v1::BackupLogResponse> messages, const grpc::Status& end = grpc::Status::OK) {
    absl::MutexLock lock(&mutex_);
    messages_ = std::move(messages);
    end_ = end;
  }

  std::shared_ptr<grpc::Channel> channel;

 private:
  absl::Mutex mutex_;
  std::vector<std::string> names_ ABSL_GUARDED_BY(mutex_);
  std::vector<v1::BackupLogResponse> messages_ ABSL_GUARDED_BY(mutex_);
  grpc::Status end_ ABSL_GUARDED_BY(mutex_);
  std::unique_ptr<grpc::Server> server_;
};

class LogBackupTest : public testing::Test {
 protected:
  absl::StatusOr<LogCopy> BackUp(const std::string& log = "events") {
    const auto writer = BackupWriter::Create(DataFolder(files_, "/data"), log);
    EXPECT_THAT(writer, IsOk());
    return LogBackup(admin_.channel).BackUp(log, **writer, nullptr);
  }

  std::vector<v1::BackupLogResponse> Messages() {
    std::vector<v1::BackupLogResponse> messages;
    EXPECT_THAT(full_.service.Backup(messages), IsOk());
    return messages;
  }

  FullLog full_;
  ScriptedAdmin admin_;
  FakeFileSystem files_;
};

TEST_F(LogBackupTest, AllPagesOfLogsAreListed) {
  admin_.List({"events", "orders", "visits"});
  EXPECT_THAT(LogBackup(admin_.channel).ListLogs(), IsOkAndHolds(ElementsAre("events", "orders", "visits")));
}

TEST_F(LogBackupTest, ANameThatIsNoLogsIsRefused) {
  admin_.List({"events", "../../etc"});
  EXPECT_THAT(LogBackup(admin_.channel).ListLogs(), StatusIs(absl::StatusCode::kInvalidArgument));
}

TEST_F(LogBackupTest, WhatIsStreamedIsWritten) {
  admin_.Send(Messages());
  const absl::StatusOr<LogCopy> copy = BackUp();
  ASSERT_THAT(copy, IsOk());
  EXPECT_EQ(full_.epoch, copy->epoch);
  full_.ExpectCopy(files_);
}

TEST_F(LogBackupTest, AStreamThatFailsLeavesNothing) {
  // Also when all had come: what ends badly is not whole.
  admin_.Send(Messages(), grpc::Status(grpc::StatusCode::ABORTED, "trimmed"));
  EXPECT_THAT(BackUp(), StatusIs(absl::StatusCode::kAborted, "trimmed"));
  EXPECT_THAT(FullLog::NamesIn(files_, "/data/logs"), IsEmpty());
}

TEST_F(LogBackupTest, AStreamThatEndsTooEarlyLeavesNothing) {
  std::vector<v1::BackupLogResponse> messages = Messages();
  messages.pop_back();
  admin_.Send(messages);
  EXPECT_THAT(BackUp(), StatusIs(absl::StatusCode::kDataLoss, HasSubstr("ended before")));
  EXPECT_THAT(FullLog::NamesIn(files_, "/data/logs"), IsEmpty());
}

// The writer's reason is what people need to know, not how the call was ended.
TEST_F(LogBackupTest, WhatTheWriterRefusesEndsTheCall) {
  std::vector<v1::BackupLogResponse> messages = Messages();
  messages[1].mutable_chunk()->set_file("../x");
  admin_.Send(messages);
  EXPECT_THAT(BackUp(), StatusIs(absl::StatusCode::kDataLoss, HasSubstr("which is no segment")));
  EXPECT_THAT(FullLog::NamesIn(files_, "/data/logs"), IsEmpty());
}

}  // namespace
}  // namespace eventlog
