// The Cursors service of gRPC over an Engine.

#ifndef EVENTLOG_SVC_RPC_CURSORS_SERVICE_H_
#define EVENTLOG_SVC_RPC_CURSORS_SERVICE_H_

#include <atomic>
#include <memory>
#include <string>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "eventlog-svc/engine/engine.h"
#include "eventlog-svc/rpc/call_queue.h"
#include "eventlog-svc/rpc/error_counter.h"
#include "eventlog-svc/rpc/query_call.h"
#include "proto/eventlog/v1/cursors.grpc.pb.h"

namespace eventlog {

// All raw: requests are parsed by request_parser.
using CursorsServiceBase =
    v1::Cursors::WithRawMethod_GetCursor<v1::Cursors::WithRawMethod_ListCursors<v1::Cursors::WithRawMethod_CommitCursor<
        v1::Cursors::WithRawMethod_ResetCursor<v1::Cursors::WithRawMethod_DeleteCursor<v1::Cursors::Service>>>>>;

// Answers at once, or on the committing thread of the log. Refusals: kInvalidArgument CURSOR_INVALID, OFFSET_INVALID,
// REQUEST_INVALID; kNotFound LOG_NOT_FOUND; kUnavailable DRAINING; and those of the changes (engine/log.h).
// The gRPC server must be shut down before it is destroyed; the engine and the counter must outlive it.
class CursorsService : public CursorsServiceBase {
 public:
  CursorsService(Engine& engine, ErrorCounter& errors) : engine_(engine), errors_(errors) {}

  // Begins to answer, once the server is built.
  void Serve(CallQueue& queue);
  // Refuses what comes from now on.
  void Drain() { draining_.store(true, std::memory_order_relaxed); }

 private:
  using GetCall = QueryCall<v1::GetCursorRequest, v1::Cursor>;
  using ListCall = QueryCall<v1::ListCursorsRequest, v1::ListCursorsResponse>;
  using CommitCall = QueryCall<v1::CommitCursorRequest, v1::Cursor>;
  using ResetCall = QueryCall<v1::ResetCursorRequest, v1::Cursor>;
  using DeleteCall = QueryCall<v1::DeleteCursorRequest, google::protobuf::Empty>;

  void Get(GetCall* call);
  void List(ListCall* call);
  void Commit(CommitCall* call);
  void Reset(ResetCall* call);
  void Delete(DeleteCall* call);

  // The log of a request that may be looked at.
  absl::StatusOr<std::shared_ptr<Log>> Admit(const google::protobuf::Message& request, const std::string& log) const;
  // The same for a request about one cursor, at this offset.
  absl::StatusOr<std::shared_ptr<Log>> AdmitCursor(const google::protobuf::Message& request, const std::string& log,
                                                   const std::string& cursor, int64_t next_offset = 0) const;
  // Counts the error, if it is one, and ends the call with it.
  template <typename Call>
  void Finish(Call* call, const absl::Status& status);
  // Asks the log for the change and ends the call with its outcome.
  template <typename Call>
  void Change(Call* call, const std::shared_ptr<Log>& log, LogChange change);

  Engine& engine_;
  ErrorCounter& errors_;
  std::atomic<bool> draining_ = false;
};

}  // namespace eventlog

#endif  // EVENTLOG_SVC_RPC_CURSORS_SERVICE_H_
