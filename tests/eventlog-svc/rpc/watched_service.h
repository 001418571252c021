// An EventLogService over one log in memory that tells the test of every read.

#ifndef TESTS_EVENTLOG_SVC_RPC_WATCHED_SERVICE_H_
#define TESTS_EVENTLOG_SVC_RPC_WATCHED_SERVICE_H_

#include <memory>
#include <utility>

#include "eventlog-svc/engine/memory/memory_engine.h"
#include "eventlog-svc/rpc/error_counter.h"
#include "eventlog-svc/rpc/event_log_service.h"
#include "grpcpp/support/channel_arguments.h"
#include "proto/eventlog/v1/event_log.grpc.pb.h"
#include "tests/eventlog-svc/rpc/queue_server.h"
#include "tests/eventlog-svc/rpc/watched_log.h"

namespace eventlog {

// Calls may come from any thread.
class WatchedService {
 public:
  // `arguments` are those of the channel.
  WatchedService(WatchedLog::OnRead on_read, const EventLogServiceOptions& options,
                 const grpc::ChannelArguments& arguments = {})
      : log_(*engine_->logs().front(), std::move(on_read)),
        service_(one_, options, errors_),
        server_(service_, arguments),
        stub_(v1::EventLog::NewStub(server_.channel())) {
    service_.Serve(server_.queue());
  }

  Log& log() { return log_; }
  EventLogService& service() { return service_; }
  const ErrorCounter& errors() const { return errors_; }
  v1::EventLog::Stub& stub() { return *stub_; }

 private:
  const std::unique_ptr<LocalEngine> engine_ = NewMemoryEngine({});
  WatchedLog log_;
  EngineOfOne one_{log_};
  ErrorCounter errors_;
  EventLogService service_;
  QueueServer server_;
  const std::unique_ptr<v1::EventLog::Stub> stub_;
};

}  // namespace eventlog

#endif  // TESTS_EVENTLOG_SVC_RPC_WATCHED_SERVICE_H_
