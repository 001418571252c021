#include "eventlog-svc/rpc/log_scans.h"

#include <utility>

#include "absl/strings/str_cat.h"
#include "eventlog-svc/rpc/find_log.h"
#include "eventlog-svc/rpc/grpc_status.h"
#include "eventlog-svc/rpc/refusals.h"
#include "eventlog-svc/rpc/request_parser.h"

namespace eventlog {
namespace {

constexpr size_t kCallsMax = 64;

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

template <typename Request, typename Stream>
void LogScans::Start(typename Stream::Call* call) {
  Request request;
  absl::Status known = ParseQuery(call->request(), request);
  if (known.ok()) known = RefuseUnknown(request);
  absl::StatusOr<std::shared_ptr<CommitLog>> log =
      known.ok() ? Find(request.log()) : absl::StatusOr<std::shared_ptr<CommitLog>>(known);
  if (!log.ok()) {
    shared_.on_error(log.status());
    call->Finish(ToGrpcStatus(log.status()));
    return;
  }
  (new Stream(call, shared_, *std::move(log)))->Start();
}

void LogScans::Verify(VerifyStream::Call* call) { Start<v1::VerifyLogRequest, VerifyStream>(call); }

void LogScans::Backup(BackupStream::Call* call) { Start<v1::BackupLogRequest, BackupStream>(call); }

}  // namespace eventlog
