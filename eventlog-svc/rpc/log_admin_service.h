// The LogAdmin service of gRPC over an Engine.

#ifndef EVENTLOG_SVC_RPC_LOG_ADMIN_SERVICE_H_
#define EVENTLOG_SVC_RPC_LOG_ADMIN_SERVICE_H_

#include <atomic>
#include <memory>
#include <string>

#include "absl/functional/any_invocable.h"
#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "eventlog-svc/engine/engine.h"
#include "eventlog-svc/engine/local_engine.h"
#include "eventlog-svc/rpc/call_queue.h"
#include "eventlog-svc/rpc/error_counter.h"
#include "eventlog-svc/rpc/log_scans.h"
#include "eventlog-svc/rpc/query_call.h"
#include "eventlog-svc/rpc/request_validator.h"
#include "eventlog-svc/rpc/worker_pool.h"
#include "proto/eventlog/v1/log_admin.grpc.pb.h"

namespace eventlog {

// All raw: requests are parsed by request_parser.
using LogAdminServiceBase =
    v1::LogAdmin::WithRawMethod_CreateLog<v1::LogAdmin::WithRawMethod_GetLog<v1::LogAdmin::WithRawMethod_ListLogs<
        v1::LogAdmin::WithRawMethod_UpdateLog<v1::LogAdmin::WithRawMethod_DeleteLog<v1::LogAdmin::WithRawMethod_TrimLog<
            v1::LogAdmin::WithRawMethod_VerifyLog<v1::LogAdmin::WithRawMethod_BackupLog<v1::LogAdmin::Service>>>>>>>>;

// One thread of its own makes, changes and deletes logs, one after the other: it may wait for the disk, and what a
// change of settings was made from is what it replaces. Refusals: kInvalidArgument LOG_INVALID, OFFSET_INVALID,
// REQUEST_INVALID; kFailedPrecondition DURABILITY_UNSUPPORTED; kResourceExhausted QUEUE_FULL; kUnavailable DRAINING;
// and those of Engine and Log. The gRPC server must be shut down before it is destroyed; the engine and the counter
// must outlive it.
class LogAdminService : public LogAdminServiceBase {
 public:
  // `limits` are the service's, which a log cannot raise.
  LogAdminService(LocalEngine& engine, const RequestLimits& limits, ErrorCounter& errors);

  // Begins to answer, once the server is built.
  void Serve(CallQueue& queue);
  // Refuses what comes from now on, and ends the streams; what waits is refused by an engine that is closed.
  void Drain();

 private:
  using CreateCall = QueryCall<v1::CreateLogRequest, v1::Log>;
  using GetCall = QueryCall<v1::GetLogRequest, v1::Log>;
  using ListCall = QueryCall<v1::ListLogsRequest, v1::ListLogsResponse>;
  using UpdateCall = QueryCall<v1::UpdateLogRequest, v1::Log>;
  using DeleteCall = QueryCall<v1::DeleteLogRequest, google::protobuf::Empty>;
  using TrimCall = QueryCall<v1::TrimLogRequest, v1::TrimLogResponse>;

  void Create(CreateCall* call);
  void Get(GetCall* call);
  void List(ListCall* call);
  void Update(UpdateCall* call);
  void Delete(DeleteCall* call);
  void Trim(TrimCall* call);

  absl::Status Admit(const google::protobuf::Message& request) const;
  absl::Status CheckSettings(const LogSettings& settings) const;
  absl::StatusOr<LogSettings> NewSettings(const Log& log, const v1::UpdateLogRequest& request) const;
  // Changes the settings and waits for it.
  absl::Status UpdateSettings(const v1::UpdateLogRequest& request, v1::Log& response);
  // Counts the error, if it is one, and ends the call with it.
  template <typename Call>
  void Finish(Call* call, const absl::Status& status);
  // Ends the call with what `work` comes to, on the thread that may wait.
  template <typename Call>
  void Submit(Call* call, absl::AnyInvocable<absl::Status()> work);

  Engine& engine_;
  const RequestLimits limits_;
  ErrorCounter& errors_;
  std::atomic<bool> draining_ = false;
  WorkerPool worker_;
  LogScans scans_;
};

}  // namespace eventlog

#endif  // EVENTLOG_SVC_RPC_LOG_ADMIN_SERVICE_H_
