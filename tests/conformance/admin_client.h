// LogAdmin and Cursors as a test calls them.

#ifndef TESTS_CONFORMANCE_ADMIN_CLIENT_H_
#define TESTS_CONFORMANCE_ADMIN_CLIENT_H_

#include <memory>
#include <string>

#include "absl/status/statusor.h"
#include "grpcpp/channel.h"
#include "proto/eventlog/v1/cursors.grpc.pb.h"
#include "proto/eventlog/v1/log_admin.grpc.pb.h"
#include "tests/conformance/live_service.h"

namespace eventlog {

// Calls may come from any thread.
class AdminClient {
 public:
  explicit AdminClient(const std::shared_ptr<grpc::Channel>& channel)
      : logs_(v1::LogAdmin::NewStub(channel)), cursors_(v1::Cursors::NewStub(channel)) {}

  absl::StatusOr<v1::Log> Create(const v1::Log& log) {
    v1::CreateLogRequest request;
    *request.mutable_log() = log;
    return Call<v1::Log>(*logs_, &v1::LogAdmin::Stub::CreateLog, request);
  }
  absl::StatusOr<v1::Log> Create(const std::string& name) {
    v1::Log log;
    log.set_log(name);
    return Create(log);
  }
  absl::StatusOr<v1::Log> Get(const std::string& name) {
    v1::GetLogRequest request;
    request.set_log(name);
    return Call<v1::Log>(*logs_, &v1::LogAdmin::Stub::GetLog, request);
  }
  absl::StatusOr<v1::Log> Update(const v1::UpdateLogRequest& request) {
    return Call<v1::Log>(*logs_, &v1::LogAdmin::Stub::UpdateLog, request);
  }
  absl::Status Delete(const std::string& name) {
    v1::DeleteLogRequest request;
    request.set_log(name);
    return Call<google::protobuf::Empty>(*logs_, &v1::LogAdmin::Stub::DeleteLog, request).status();
  }
  absl::StatusOr<v1::TrimLogResponse> Trim(const std::string& name, int64_t next_offset) {
    v1::TrimLogRequest request;
    request.set_log(name);
    request.set_next_offset(next_offset);
    return Call<v1::TrimLogResponse>(*logs_, &v1::LogAdmin::Stub::TrimLog, request);
  }
  // The status of the whole check; the reports go.
  absl::Status Verify(const std::string& name) {
    v1::VerifyLogRequest request;
    request.set_log(name);
    grpc::ClientContext context;
    SetSafetyDeadline(context);
    const auto stream = logs_->VerifyLog(&context, request);
    v1::VerifyLogResponse response;
    while (stream->Read(&response)) {
    }
    return ToAbslStatus(stream->Finish());
  }
  absl::Status Backup(const std::string& name) {
    v1::BackupLogRequest request;
    request.set_log(name);
    grpc::ClientContext context;
    SetSafetyDeadline(context);
    const auto stream = logs_->BackupLog(&context, request);
    v1::BackupLogResponse response;
    while (stream->Read(&response)) {
    }
    return ToAbslStatus(stream->Finish());
  }
  absl::StatusOr<v1::ListLogsResponse> ListLogs(int32_t page_size, const std::string& page_token) {
    v1::ListLogsRequest request;
    request.set_page_size(page_size);
    request.set_page_token(page_token);
    return Call<v1::ListLogsResponse>(*logs_, &v1::LogAdmin::Stub::ListLogs, request);
  }

  absl::StatusOr<v1::Cursor> GetCursor(const std::string& cursor, const std::string& log = "") {
    v1::GetCursorRequest request;
    request.set_log(log);
    request.set_cursor(cursor);
    return Call<v1::Cursor>(*cursors_, &v1::Cursors::Stub::GetCursor, request);
  }
  absl::StatusOr<v1::ListCursorsResponse> ListCursors(int32_t page_size, const std::string& page_token) {
    v1::ListCursorsRequest request;
    request.set_page_size(page_size);
    request.set_page_token(page_token);
    return Call<v1::ListCursorsResponse>(*cursors_, &v1::Cursors::Stub::ListCursors, request);
  }
  absl::StatusOr<v1::Cursor> Commit(const std::string& cursor, int64_t next_offset, int64_t generation = 0,
                                    const std::string& log = "") {
    v1::CommitCursorRequest request;
    request.set_log(log);
    request.set_cursor(cursor);
    request.set_next_offset(next_offset);
    request.set_generation(generation);
    return Call<v1::Cursor>(*cursors_, &v1::Cursors::Stub::CommitCursor, request);
  }
  absl::StatusOr<v1::Cursor> Reset(const std::string& cursor, int64_t next_offset) {
    v1::ResetCursorRequest request;
    request.set_cursor(cursor);
    request.set_next_offset(next_offset);
    return Call<v1::Cursor>(*cursors_, &v1::Cursors::Stub::ResetCursor, request);
  }
  absl::Status DeleteCursor(const std::string& cursor) {
    v1::DeleteCursorRequest request;
    request.set_cursor(cursor);
    return Call<google::protobuf::Empty>(*cursors_, &v1::Cursors::Stub::DeleteCursor, request).status();
  }

 private:
  template <typename Response, typename Stub, typename Method, typename Request>
  absl::StatusOr<Response> Call(Stub& stub, Method method, const Request& request) {
    grpc::ClientContext context;
    SetSafetyDeadline(context);
    Response response;
    const absl::Status status = ToAbslStatus((stub.*method)(&context, request, &response));
    if (!status.ok()) return status;
    return response;
  }

  const std::unique_ptr<v1::LogAdmin::Stub> logs_;
  const std::unique_ptr<v1::Cursors::Stub> cursors_;
};

}  // namespace eventlog

#endif  // TESTS_CONFORMANCE_ADMIN_CLIENT_H_
