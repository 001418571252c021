#include "producers/cli/admin/admin_client.h"

#include <algorithm>
#include <utility>

#include "absl/time/clock.h"
#include "eventlog-svc/client/rpc_error.h"
#include "grpcpp/support/sync_stream.h"

namespace eventlog {
namespace {

constexpr int kPageSize = 1000;

template <typename T>
absl::StatusOr<T> OrError(const absl::Status& status, T value) {
  if (!status.ok()) return status;
  return value;
}

}  // namespace

AdminClient::AdminClient(const std::shared_ptr<grpc::Channel>& channel, absl::Duration timeout)
    : logs_(v1::LogAdmin::NewStub(channel)),
      cursors_(v1::Cursors::NewStub(channel)),
      events_(v1::EventLog::NewStub(channel)),
      timeout_(timeout) {}

template <typename Stub, typename Request, typename Response>
absl::Status AdminClient::Call(Stub& stub,
                               grpc::Status (Stub::*method)(grpc::ClientContext*, const Request&, Response*),
                               const Request& request, Response& response) {
  grpc::ClientContext context;
  context.set_deadline(absl::ToChronoTime(absl::Now() + timeout_));
  return FromGrpcStatus((stub.*method)(&context, request, &response));
}

absl::StatusOr<v1::Log> AdminClient::CreateLog(const v1::CreateLogRequest& request) {
  v1::Log log;
  const absl::Status status = Call(*logs_, &v1::LogAdmin::Stub::CreateLog, request, log);
  return OrError(status, log);
}

absl::StatusOr<v1::Log> AdminClient::GetLog(const std::string& name) {
  v1::GetLogRequest request;
  request.set_log(name);
  v1::Log log;
  const absl::Status status = Call(*logs_, &v1::LogAdmin::Stub::GetLog, request, log);
  return OrError(status, log);
}

absl::StatusOr<std::vector<v1::Log>> AdminClient::ListLogs() {
  std::vector<v1::Log> logs;
  v1::ListLogsRequest request;
  request.set_page_size(kPageSize);
  do {
    v1::ListLogsResponse page;
    const absl::Status status = Call(*logs_, &v1::LogAdmin::Stub::ListLogs, request, page);
    if (!status.ok()) return status;
    logs.insert(logs.end(), page.logs().begin(), page.logs().end());
    request.set_page_token(page.next_page_token());
  } while (!request.page_token().empty());
  return logs;
}

absl::StatusOr<v1::Log> AdminClient::UpdateLog(const v1::UpdateLogRequest& request) {
  v1::Log log;
  const absl::Status status = Call(*logs_, &v1::LogAdmin::Stub::UpdateLog, request, log);
  return OrError(status, log);
}

absl::Status AdminClient::DeleteLog(const std::string& log) {
  v1::DeleteLogRequest request;
  request.set_log(log);
  google::protobuf::Empty nothing;
  return Call(*logs_, &v1::LogAdmin::Stub::DeleteLog, request, nothing);
}

absl::StatusOr<v1::TrimLogResponse> AdminClient::TrimLog(const std::string& log, int64_t next_offset) {
  v1::TrimLogRequest request;
  request.set_log(log);
  request.set_next_offset(next_offset);
  v1::TrimLogResponse response;
  const absl::Status status = Call(*logs_, &v1::LogAdmin::Stub::TrimLog, request, response);
  return OrError(status, response);
}

absl::Status AdminClient::VerifyLog(const std::string& log,
                                    const std::function<void(const v1::VerifyLogResponse&)>& take) {
  grpc::ClientContext context;
  v1::VerifyLogRequest request;
  request.set_log(log);
  const std::unique_ptr<grpc::ClientReader<v1::VerifyLogResponse>> reader = logs_->VerifyLog(&context, request);
  for (v1::VerifyLogResponse message; reader->Read(&message);) take(message);
  return FromGrpcStatus(reader->Finish());
}

absl::StatusOr<v1::Cursor> AdminClient::GetCursor(const std::string& log, const std::string& name) {
  v1::GetCursorRequest request;
  request.set_log(log);
  request.set_cursor(name);
  v1::Cursor cursor;
  const absl::Status status = Call(*cursors_, &v1::Cursors::Stub::GetCursor, request, cursor);
  return OrError(status, cursor);
}

absl::StatusOr<std::vector<v1::Cursor>> AdminClient::ListCursors(const std::string& log) {
  std::vector<v1::Cursor> cursors;
  v1::ListCursorsRequest request;
  request.set_log(log);
  request.set_page_size(kPageSize);
  do {
    v1::ListCursorsResponse page;
    const absl::Status status = Call(*cursors_, &v1::Cursors::Stub::ListCursors, request, page);
    if (!status.ok()) return status;
    cursors.insert(cursors.end(), page.cursors().begin(), page.cursors().end());
    request.set_page_token(page.next_page_token());
  } while (!request.page_token().empty());
  return cursors;
}

absl::StatusOr<v1::Cursor> AdminClient::CommitCursor(const v1::CommitCursorRequest& request) {
  v1::Cursor cursor;
  const absl::Status status = Call(*cursors_, &v1::Cursors::Stub::CommitCursor, request, cursor);
  return OrError(status, cursor);
}

absl::StatusOr<v1::Cursor> AdminClient::ResetCursor(const v1::ResetCursorRequest& request) {
  v1::Cursor cursor;
  const absl::Status status = Call(*cursors_, &v1::Cursors::Stub::ResetCursor, request, cursor);
  return OrError(status, cursor);
}

absl::Status AdminClient::DeleteCursor(const std::string& log, const std::string& cursor) {
  v1::DeleteCursorRequest request;
  request.set_log(log);
  request.set_cursor(cursor);
  google::protobuf::Empty nothing;
  return Call(*cursors_, &v1::Cursors::Stub::DeleteCursor, request, nothing);
}

absl::StatusOr<v1::LogStats> AdminClient::GetLogStats(const std::string& log) {
  v1::GetLogStatsRequest request;
  request.set_log(log);
  v1::LogStats stats;
  const absl::Status status = Call(*events_, &v1::EventLog::Stub::GetLogStats, request, stats);
  return OrError(status, stats);
}

absl::StatusOr<int64_t> AdminClient::FindOffset(v1::ReadRequest start) {
  start.set_max_records(1);
  start.set_max_bytes(1);  // one record comes in any case
  v1::ReadResponse page;
  const absl::Status status = Call(*events_, &v1::EventLog::Stub::Read, start, page);
  if (!status.ok()) return status;
  int64_t first = page.records().empty() ? page.next_offset() : page.records(0).offset();
  for (const v1::Gap& gap : page.gaps()) first = std::min(first, gap.start_offset());
  return first;
}

}  // namespace eventlog
