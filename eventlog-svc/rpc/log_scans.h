// The calls that go through all stored bytes of a log: VerifyLog and BackupLog. One thread of their own does the work
// of all of them, a segment or a chunk at a time, so that they disturb nobody.

#ifndef EVENTLOG_SVC_RPC_LOG_SCANS_H_
#define EVENTLOG_SVC_RPC_LOG_SCANS_H_

#include <atomic>
#include <functional>
#include <memory>
#include <string>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "eventlog-svc/engine/local_engine.h"
#include "eventlog-svc/rpc/worked_stream.h"
#include "eventlog-svc/rpc/worker_pool.h"
#include "grpcpp/support/server_callback.h"
#include "proto/eventlog/v1/log_admin.pb.h"

namespace eventlog {

// Thread safe. The engine must outlive it; the gRPC server must be shut down before it is destroyed.
class LogScans {
 public:
  LogScans(LocalEngine& engine, std::function<void(const absl::Status&)> on_error);

  grpc::ServerWriteReactor<v1::VerifyLogResponse>* Verify(const v1::VerifyLogRequest& request);
  grpc::ServerWriteReactor<v1::BackupLogResponse>* Backup(const v1::BackupLogRequest& request);
  // Ends them with DRAINING.
  void Drain() { draining_.store(true, std::memory_order_relaxed); }

 private:
  // kNotFound LOG_NOT_FOUND; kUnimplemented for a log that is not stored in files.
  absl::StatusOr<std::shared_ptr<CommitLog>> Find(const std::string& name) const;
  template <typename Stream, typename Response, typename Request>
  grpc::ServerWriteReactor<Response>* Start(const Request& request);

  LocalEngine& engine_;
  std::atomic<bool> draining_ = false;
  WorkerPool pool_;
  const WorkedStreams shared_;
};

}  // namespace eventlog

#endif  // EVENTLOG_SVC_RPC_LOG_SCANS_H_
