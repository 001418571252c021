// The Cursors service of gRPC over an Engine.

#ifndef EVENTLOG_SVC_RPC_CURSORS_SERVICE_H_
#define EVENTLOG_SVC_RPC_CURSORS_SERVICE_H_

#include <atomic>
#include <memory>
#include <string>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "eventlog-svc/engine/engine.h"
#include "eventlog-svc/rpc/error_counter.h"
#include "grpcpp/support/server_callback.h"
#include "proto/eventlog/v1/cursors.grpc.pb.h"

namespace eventlog {

// Answers at once, or on the committing thread of the log. Refusals: kInvalidArgument CURSOR_INVALID, OFFSET_INVALID,
// REQUEST_INVALID; kNotFound LOG_NOT_FOUND; kUnavailable DRAINING; and those of the changes (engine/log.h).
// The gRPC server must be shut down before it is destroyed; the engine and the counter must outlive it.
class CursorsService : public v1::Cursors::CallbackService {
 public:
  CursorsService(Engine& engine, ErrorCounter& errors) : engine_(engine), errors_(errors) {}

  grpc::ServerUnaryReactor* GetCursor(grpc::CallbackServerContext* context, const v1::GetCursorRequest* request,
                                      v1::Cursor* response) override;
  grpc::ServerUnaryReactor* ListCursors(grpc::CallbackServerContext* context, const v1::ListCursorsRequest* request,
                                        v1::ListCursorsResponse* response) override;
  grpc::ServerUnaryReactor* CommitCursor(grpc::CallbackServerContext* context, const v1::CommitCursorRequest* request,
                                         v1::Cursor* response) override;
  grpc::ServerUnaryReactor* ResetCursor(grpc::CallbackServerContext* context, const v1::ResetCursorRequest* request,
                                        v1::Cursor* response) override;
  grpc::ServerUnaryReactor* DeleteCursor(grpc::CallbackServerContext* context, const v1::DeleteCursorRequest* request,
                                         google::protobuf::Empty* response) override;

  // Refuses what comes from now on.
  void Drain() { draining_.store(true, std::memory_order_relaxed); }

 private:
  // The log of a request that may be looked at.
  absl::StatusOr<std::shared_ptr<Log>> Admit(const google::protobuf::Message& request, const std::string& log) const;
  // The same for a request about one cursor, at this offset.
  absl::StatusOr<std::shared_ptr<Log>> AdmitCursor(const google::protobuf::Message& request, const std::string& log,
                                                   const std::string& cursor, int64_t next_offset = 0) const;
  // Counts the error, if it is one, and ends the call with it.
  grpc::ServerUnaryReactor* Finish(grpc::ServerUnaryReactor* reactor, const absl::Status& status);
  // Asks the log for the change and ends the call with its outcome. `response` may be null.
  grpc::ServerUnaryReactor* Change(grpc::ServerUnaryReactor* reactor, const std::shared_ptr<Log>& log, LogChange change,
                                   v1::Cursor* response);

  Engine& engine_;
  ErrorCounter& errors_;
  std::atomic<bool> draining_ = false;
};

}  // namespace eventlog

#endif  // EVENTLOG_SVC_RPC_CURSORS_SERVICE_H_
