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
#include "eventlog-svc/rpc/backup_stream.h"
#include "eventlog-svc/rpc/verify_stream.h"
#include "eventlog-svc/rpc/worked_stream.h"
#include "eventlog-svc/rpc/worker_pool.h"

namespace eventlog {

// Thread safe. The engine must outlive it; the gRPC server must be shut down before it is destroyed.
class LogScans {
 public:
  LogScans(LocalEngine& engine, std::function<void(const absl::Status&)> on_error);

  void Verify(VerifyStream::Call* call);
  void Backup(BackupStream::Call* call);
  // Ends them with DRAINING.
  void Drain() { draining_.store(true, std::memory_order_relaxed); }

 private:
  // kNotFound LOG_NOT_FOUND; kUnimplemented for a log that is not stored in files.
  absl::StatusOr<std::shared_ptr<CommitLog>> Find(const std::string& name) const;
  template <typename Request, typename Stream>
  void Start(typename Stream::Call* call);

  LocalEngine& engine_;
  std::atomic<bool> draining_ = false;
  WorkerPool pool_;
  const WorkedStreams shared_;
};

}  // namespace eventlog

#endif  // EVENTLOG_SVC_RPC_LOG_SCANS_H_
