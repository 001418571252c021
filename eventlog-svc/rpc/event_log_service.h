// The EventLog service of gRPC over an Engine: translation and limits, nothing else.

#ifndef EVENTLOG_SVC_RPC_EVENT_LOG_SERVICE_H_
#define EVENTLOG_SVC_RPC_EVENT_LOG_SERVICE_H_

#include <atomic>
#include <cstdint>
#include <memory>
#include <vector>

#include "absl/status/status.h"
#include "absl/time/time.h"
#include "eventlog-svc/engine/engine.h"
#include "eventlog-svc/rpc/append_intake.h"
#include "eventlog-svc/rpc/call_queue.h"
#include "eventlog-svc/rpc/drain_list.h"
#include "eventlog-svc/rpc/error_counter.h"
#include "eventlog-svc/rpc/request_validator.h"
#include "eventlog-svc/rpc/subscription_pump.h"
#include "eventlog-svc/rpc/subscription_stream.h"
#include "eventlog-svc/rpc/unary_call.h"
#include "eventlog-svc/rpc/worker_pool.h"
#include "grpcpp/support/byte_buffer.h"
#include "proto/eventlog/v1/event_log.grpc.pb.h"

namespace eventlog {

struct EventLogServiceOptions {
  RequestLimits limits;
  int pump_threads = 2;
  int read_threads = 2;
  size_t read_queue_max = 1024;
};

// All raw: requests are parsed by request_parser, records go out as they are stored.
using EventLogServiceBase =
    v1::EventLog::WithRawMethod_Append<v1::EventLog::WithRawMethod_AppendStream<v1::EventLog::WithRawMethod_Subscribe<
        v1::EventLog::WithRawMethod_Read<v1::EventLog::WithRawMethod_GetLogStats<v1::EventLog::Service>>>>>;

// The gRPC server must be shut down before it is destroyed; the engine and the counter must outlive it.
class EventLogService : public EventLogServiceBase {
 public:
  EventLogService(Engine& engine, const EventLogServiceOptions& options, ErrorCounter& errors);
  ~EventLogService() override;

  // Begins to answer, once the server is built.
  void Serve(CallQueue& queue);
  // Ends every subscription with `ending` DRAINING, where it stands, and every stream of appends once it has answered
  // what it read; refuses the reads that wait or scan.
  void Drain(absl::Duration retry_delay);
  int64_t subscriptions() const;

 private:
  using RawCall = UnaryCall<grpc::ByteBuffer, grpc::ByteBuffer>;

  void TakeAppendCall(RawCall* call);
  void TakeSubscribeCall(SubscriptionStream::Call* call);
  void TakeReadCall(RawCall* call);
  void TakeStatsCall(RawCall* call);
  // Counts the error and ends the call with it.
  template <typename Call>
  void Refuse(Call* call, const absl::Status& status);
  // OK while somebody waits for the answer of this call, and the service has time for it.
  absl::Status MayReadOn(const RawCall& call) const;

  Engine& engine_;
  RequestValidator validator_;
  AppendIntake intake_;  // the queue's thread's
  DrainList append_streams_;
  std::atomic<bool> draining_ = false;
  ErrorCounter& errors_;
  std::vector<std::unique_ptr<SubscriptionPump>> pumps_;
  size_t next_pump_ = 0;  // the queue's thread's
  std::unique_ptr<WorkerPool> readers_;
};

// The statistics of a log as the API and /stats give them. Reads the log when it has cursors.
v1::LogStats ToLogStats(const Log& log, absl::Time now);

}  // namespace eventlog

#endif  // EVENTLOG_SVC_RPC_EVENT_LOG_SERVICE_H_
