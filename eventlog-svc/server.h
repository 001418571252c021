// The service put together: engine, gRPC, HTTP, and their order of starting and stopping.

#ifndef EVENTLOG_SVC_SERVER_H_
#define EVENTLOG_SVC_SERVER_H_

#include <atomic>
#include <cstdint>
#include <memory>
#include <string>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "eventlog-svc/client/listen_address.h"
#include "eventlog-svc/engine/commit_log.h"
#include "eventlog-svc/engine/local_engine.h"
#include "eventlog-svc/http/operations_server.h"
#include "eventlog-svc/rpc/call_queue.h"
#include "eventlog-svc/rpc/cursors_service.h"
#include "eventlog-svc/rpc/error_counter.h"
#include "eventlog-svc/rpc/event_log_service.h"
#include "eventlog-svc/rpc/health_service.h"
#include "eventlog-svc/rpc/log_admin_service.h"
#include "eventlog-svc/storage/posix_file_system.h"
#include "grpcpp/server.h"

namespace eventlog {

struct ServerOptions {
  ListenAddress listen{"127.0.0.1", 7431};
  ListenAddress http_listen{"127.0.0.1", 3001};
  std::string engine = "embedded";
  std::string data_dir;  // for the embedded engine
  int64_t segment_bytes_max = 64 * 1024 * 1024;
  int64_t memory_bytes_max = 256 * 1024 * 1024;  // for the memory engine
  // How often logs are held against their retention.
  absl::Duration retention_interval = absl::Seconds(10);
  // Of every log; name, durability and on_failure are not looked at.
  CommitLogOptions commit;
  EventLogServiceOptions service;
  // How long calls may go on after the service stopped taking new work.
  absl::Duration drain_timeout = absl::Seconds(2);
};

// Members in the order of dependence. Start, ports and Stop from one thread.
class Server {
 public:
  // Everything answers when it returns. The error is one line for people: directory, lock, port.
  static absl::StatusOr<std::unique_ptr<Server>> Start(const ServerOptions& options);
  // Stops.
  ~Server();

  const ListenAddress& grpc_address() const { return grpc_address_; }
  const ListenAddress& http_address() const { return http_address_; }
  LocalEngine& engine() { return *engine_; }

  // Not ready and NOT_SERVING; subscribers get `ending`; what was accepted is committed and answered; then everything
  // ends. Returns the engine's health when all that was accepted was committed or refused. May be called twice.
  absl::Status Stop();

 private:
  explicit Server(const ServerOptions& options);
  absl::Status StartEngine();
  absl::Status StartGrpc();
  absl::Status StartHttp();

  const ServerOptions options_;
  const absl::Time start_time_;
  std::atomic<bool> draining_ = false;
  ListenAddress grpc_address_;
  ListenAddress http_address_;
  PosixFileSystem file_system_;
  std::unique_ptr<LocalEngine> engine_;
  ErrorCounter errors_;
  std::unique_ptr<EventLogService> service_;
  std::unique_ptr<LogAdminService> log_admin_service_;
  std::unique_ptr<CursorsService> cursors_service_;
  HealthService health_service_;
  std::unique_ptr<CallQueue> call_queue_;
  std::unique_ptr<grpc::Server> grpc_server_;
  absl::Status final_health_;
  std::unique_ptr<OperationsServer> http_server_;
};

}  // namespace eventlog

#endif  // EVENTLOG_SVC_SERVER_H_
