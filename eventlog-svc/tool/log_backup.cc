#include "eventlog-svc/tool/log_backup.h"

#include "eventlog-svc/client/rpc_error.h"
#include "eventlog-svc/engine/log_name.h"
#include "grpcpp/client_context.h"
#include "grpcpp/support/sync_stream.h"

namespace eventlog {

LogBackup::LogBackup(const std::shared_ptr<grpc::Channel>& channel) : stub_(v1::LogAdmin::NewStub(channel)) {}

absl::StatusOr<std::vector<std::string>> LogBackup::ListLogs() {
  std::vector<std::string> names;
  v1::ListLogsRequest request;
  do {
    grpc::ClientContext context;
    v1::ListLogsResponse response;
    const absl::Status listed = FromGrpcStatus(stub_->ListLogs(&context, request, &response));
    if (!listed.ok()) return listed;
    for (const v1::Log& log : response.logs()) {
      // It becomes part of a path.
      const absl::Status valid = CheckLogName(log.log());
      if (!valid.ok()) return valid;
      names.push_back(log.log());
    }
    request.set_page_token(response.next_page_token());
  } while (!request.page_token().empty());
  return names;
}

absl::StatusOr<LogCopy> LogBackup::BackUp(const std::string& log, BackupWriter& writer, const OnDamage& on_damage) {
  grpc::ClientContext context;
  v1::BackupLogRequest request;
  request.set_log(log);
  const std::unique_ptr<grpc::ClientReader<v1::BackupLogResponse>> reader = stub_->BackupLog(&context, request);
  absl::Status taken;
  for (v1::BackupLogResponse message; taken.ok() && reader->Read(&message);) taken = writer.Take(message);
  if (!taken.ok()) context.TryCancel();
  const absl::Status ended = FromGrpcStatus(reader->Finish());
  if (!taken.ok()) return taken;
  if (!ended.ok()) return ended;
  return writer.Finish(on_damage);
}

}  // namespace eventlog
