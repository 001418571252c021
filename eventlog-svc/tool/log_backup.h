// Backs up the logs of a running service through LogAdmin.

#ifndef EVENTLOG_SVC_TOOL_LOG_BACKUP_H_
#define EVENTLOG_SVC_TOOL_LOG_BACKUP_H_

#include <memory>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "eventlog-svc/tool/backup_writer.h"
#include "grpcpp/channel.h"
#include "proto/eventlog/v1/log_admin.grpc.pb.h"

namespace eventlog {

// Not thread safe. Errors of the service come as RpcErrorReason() reads them.
class LogBackup {
 public:
  explicit LogBackup(const std::shared_ptr<grpc::Channel>& channel);

  // The names of all logs. kInvalidArgument LOG_INVALID for one that no log can have.
  absl::StatusOr<std::vector<std::string>> ListLogs();
  // Backs up one log: gives the writer what the service streams, and finishes it. Blocks as long as the service sends;
  // a peer that is gone is noticed by the channel.
  absl::StatusOr<LogCopy> BackUp(const std::string& log, BackupWriter& writer, const OnDamage& on_damage);

 private:
  const std::unique_ptr<v1::LogAdmin::Stub> stub_;
};

}  // namespace eventlog

#endif  // EVENTLOG_SVC_TOOL_LOG_BACKUP_H_
