// A service with nothing but VerifyLog and BackupLog, over the embedded engine on a fake disk with small segments.

#ifndef TESTS_EVENTLOG_SVC_RPC_SCAN_SERVICE_H_
#define TESTS_EVENTLOG_SVC_RPC_SCAN_SERVICE_H_

#include <atomic>
#include <functional>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "absl/synchronization/notification.h"
#include "eventlog-svc/client/rpc_error.h"
#include "eventlog-svc/engine/embedded/embedded_engine.h"
#include "eventlog-svc/rpc/log_scans.h"
#include "proto/eventlog/v1/log_admin.grpc.pb.h"
#include "tests/eventlog-svc/rpc/queue_server.h"
#include "tests/support/fake_file_system.h"
#include "tests/support/log_driver.h"
#include "tests/support/status_matchers.h"

namespace eventlog {

class ScanService {
 public:
  explicit ScanService(std::unique_ptr<LocalEngine> engine = nullptr)
      : engine_(engine != nullptr ? std::move(engine) : OpenEngine(files)),
        scans(*engine_, [this](const absl::Status& status) { last_error = status; }) {
    VerifyStream::Call::Serve(
        server_.queue(), [this](auto... arguments) { service_.RequestVerifyLog(arguments...); },
        [this](VerifyStream::Call* call) { scans.Verify(call); });
    BackupStream::Call::Serve(
        server_.queue(), [this](auto... arguments) { service_.RequestBackupLog(arguments...); },
        [this](BackupStream::Call* call) { scans.Backup(call); });
  }

  static std::unique_ptr<LocalEngine> OpenEngine(FakeFileSystem& files) {
    EmbeddedEngineOptions options;
    options.data_dir = "/data";
    options.storage.segment_bytes_max = 4096;
    return std::move(OpenEmbeddedEngine(files, options)).value();
  }

  LocalEngine& engine() { return *engine_; }
  // Batches of one record each.
  void Fill(int count) {
    for (int i = 0; i < count; ++i) {
      EXPECT_THAT(Append(*engine_->logs().front(), MakeBatch({std::string(200, 'x')})), IsOk());
    }
  }

  absl::Status Change(LogChange change) {
    absl::Status status;
    absl::Notification done;
    engine_->logs().front()->Change(std::move(change), [&](const absl::StatusOr<Cursor>& cursor) {
      status = cursor.status();
      done.Notify();
    });
    done.WaitForNotification();
    return status;
  }

  absl::Status Verify(std::vector<v1::VerifyLogResponse>& messages, const std::string& log = "") {
    grpc::ClientContext context;
    v1::VerifyLogRequest request;
    request.set_log(log);
    const auto reader = stub->VerifyLog(&context, request);
    for (v1::VerifyLogResponse message; reader->Read(&message);) messages.push_back(message);
    return FromGrpcStatus(reader->Finish());
  }
  absl::Status Backup(std::vector<v1::BackupLogResponse>& messages, const std::string& log = "") {
    grpc::ClientContext context;
    v1::BackupLogRequest request;
    request.set_log(log);
    const auto reader = stub->BackupLog(&context, request);
    for (v1::BackupLogResponse message; reader->Read(&message);) messages.push_back(message);
    return FromGrpcStatus(reader->Finish());
  }

  // Does `meanwhile` once, on the thread that goes through the log: when it reads its `number`th piece, from 1.
  void AtRead(int number, std::function<void()> meanwhile) {
    const auto left = std::make_shared<std::atomic<int>>(number);
    files.SetFault([left, meanwhile = std::move(meanwhile)](FakeFileSystem::Operation operation, const std::string&) {
      if (operation == FakeFileSystem::Operation::kRead && left->fetch_sub(1) == 1) meanwhile();
      return absl::OkStatus();
    });
  }

  FakeFileSystem files;

 private:
  std::unique_ptr<LocalEngine> engine_;

 public:
  LogScans scans;
  absl::Status last_error;

 private:
  v1::LogAdmin::WithRawMethod_VerifyLog<v1::LogAdmin::WithRawMethod_BackupLog<v1::LogAdmin::Service>> service_;
  QueueServer server_{service_};

 public:
  const std::unique_ptr<v1::LogAdmin::Stub> stub = v1::LogAdmin::NewStub(server_.channel());
};

}  // namespace eventlog

#endif  // TESTS_EVENTLOG_SVC_RPC_SCAN_SERVICE_H_
