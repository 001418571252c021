#include "eventlog-svc/rpc/log_scans.h"

#include <utility>

#include "absl/strings/str_cat.h"
#include "eventlog-svc/rpc/backup_stream.h"
#include "eventlog-svc/rpc/find_log.h"
#include "eventlog-svc/rpc/grpc_status.h"
#include "eventlog-svc/rpc/refusals.h"
#include "eventlog-svc/rpc/verify_stream.h"

namespace eventlog {
namespace {

constexpr size_t kCallsMax = 64;

template <typename Response>
class Refusal : public grpc::ServerWriteReactor<Response> {
 public:
  explicit Refusal(const absl::Status& status) { this->Finish(ToGrpcStatus(status)); }
  void OnDone() override { delete this; }
};

}  // namespace

LogScans::LogScans(LocalEngine& engine, std::function<void(const absl::Status&)> on_error)
    : engine_(engine), pool_(1, kCallsMax), shared_{pool_, draining_, std::move(on_error)} {}

absl::StatusOr<std::shared_ptr<CommitLog>> LogScans::Find(const std::string& name) const {
  const absl::StatusOr<std::shared_ptr<Log>> found = FindLog(engine_, name);
  if (!found.ok()) return found.status();
  for (const std::shared_ptr<CommitLog>& log : engine_.commit_logs()) {
    if (log != *found) continue;
    if (!log->store().stored_segments().empty()) return log;
    return Error(absl::StatusCode::kUnimplemented, "ENGINE_UNSUPPORTED",
                 absl::StrCat("the engine \"", engine_.name(), "\" keeps no files"));
  }
  return Error(absl::StatusCode::kNotFound, "LOG_NOT_FOUND",
               absl::StrCat("log \"", (*found)->name(), "\" was deleted"));
}

template <typename Stream, typename Response, typename Request>
grpc::ServerWriteReactor<Response>* LogScans::Start(const Request& request) {
  const absl::Status known = RefuseUnknown(request);
  absl::StatusOr<std::shared_ptr<CommitLog>> log =
      known.ok() ? Find(request.log()) : absl::StatusOr<std::shared_ptr<CommitLog>>(known);
  if (!log.ok()) {
    shared_.on_error(log.status());
    return new Refusal<Response>(log.status());
  }
  auto* const stream = new Stream(shared_, *std::move(log));
  stream->Start();
  return stream;
}

grpc::ServerWriteReactor<v1::VerifyLogResponse>* LogScans::Verify(const v1::VerifyLogRequest& request) {
  return Start<VerifyStream, v1::VerifyLogResponse>(request);
}

grpc::ServerWriteReactor<v1::BackupLogResponse>* LogScans::Backup(const v1::BackupLogRequest& request) {
  return Start<BackupStream, v1::BackupLogResponse>(request);
}

}  // namespace eventlog
