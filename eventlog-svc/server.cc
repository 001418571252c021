#include "eventlog-svc/server.h"

#include <iterator>
#include <utility>

#include "absl/strings/str_cat.h"
#include "absl/time/clock.h"
#include "eventlog-svc/engine/embedded/embedded_engine.h"
#include "eventlog-svc/engine/memory/memory_engine.h"
#include "eventlog-svc/http/metrics_page.h"
#include "eventlog-svc/http/stats_page.h"
#include "eventlog-svc/unsent_bytes.h"
#include "glog/logging.h"
#include "grpc/grpc.h"
#include "grpcpp/ext/channelz_service_plugin.h"
#include "grpcpp/ext/proto_server_reflection_plugin.h"
#include "grpcpp/server_builder.h"

namespace eventlog {
namespace {

constexpr const char* kServiceNames[] = {"eventlog.v1.EventLog", "eventlog.v1.LogAdmin", "eventlog.v1.Cursors"};
// A batch at its limit, what protobuf adds to 10,000 events, and room to refuse a bigger one by name.
constexpr int kReceiveBytesMax = 16 * 1024 * 1024;
constexpr absl::Duration kRetryDelay = absl::Seconds(1);
constexpr int kStreamsPerConnectionMax = 10'000;
constexpr int kKeepaliveMs = 30'000;
constexpr int kKeepaliveTimeoutMs = 20'000;
constexpr int kPingIntervalMinMs = 5'000;

// gRPC ends its threads when its last user goes, and may wait ten seconds for one that polls. A process that serves
// keeps it to its end.
void KeepGrpc() {
  static const bool kept = (grpc_init(), true);
  (void)kept;
}

}  // namespace

Server::Server(const ServerOptions& options)
    : options_(options),
      start_time_(absl::Now()),
      health_service_({std::begin(kServiceNames), std::end(kServiceNames)}) {}

Server::~Server() {
  const absl::Status stopped = Stop();
  LOG_IF(WARNING, !stopped.ok()) << "stopped while " << stopped;
}

absl::StatusOr<std::unique_ptr<Server>> Server::Start(const ServerOptions& options) {
  std::unique_ptr<Server> server(new Server(options));
  // Before the folder is touched: what is refused leaves nothing.
  absl::Status status = CheckPortIsFree("listen", options.listen);
  if (status.ok()) status = CheckPortIsFree("http_listen", options.http_listen);
  if (status.ok()) status = server->StartEngine();
  if (status.ok()) status = server->StartGrpc();
  if (status.ok()) status = server->StartHttp();
  if (!status.ok()) return status;
  return server;
}

absl::Status Server::StartEngine() {
  if (options_.engine == "memory") {
    MemoryEngineOptions engine;
    engine.bytes_max = options_.memory_bytes_max;
    engine.commit = options_.commit;
    engine.retention_interval = options_.retention_interval;
    engine_ = NewMemoryEngine(std::move(engine));
    return absl::OkStatus();
  }
  EmbeddedEngineOptions engine;
  engine.data_dir = options_.data_dir;
  engine.storage.segment_bytes_max = options_.segment_bytes_max;
  engine.retention_interval = options_.retention_interval;
  engine.commit = options_.commit;
  // It takes no more appends: balancers should send them elsewhere.
  engine.commit.on_failure = [this](const absl::Status&) { health_service_.Fail(); };
  absl::StatusOr<std::unique_ptr<LocalEngine>> opened = OpenEmbeddedEngine(file_system_, std::move(engine));
  if (!opened.ok()) {
    return absl::Status(opened.status().code(),
                        absl::StrCat("--data_dir=", options_.data_dir, ": ", opened.status().message()));
  }
  engine_ = *std::move(opened);
  return absl::OkStatus();
}

absl::Status Server::StartGrpc() {
  KeepGrpc();
  service_ = std::make_unique<EventLogService>(*engine_, options_.service, errors_);
  log_admin_service_ = std::make_unique<LogAdminService>(*engine_, options_.service.limits, errors_);
  cursors_service_ = std::make_unique<CursorsService>(*engine_, errors_);
  grpc::reflection::InitProtoReflectionServerBuilderPlugin();
  grpc::channelz::experimental::InitChannelzService();
  int port = 0;
  grpc::ServerBuilder builder;
  builder.AddListeningPort(options_.listen.ToString(), grpc::InsecureServerCredentials(), &port);
  builder.RegisterService(service_.get());
  builder.RegisterService(log_admin_service_.get());
  builder.RegisterService(cursors_service_.get());
  builder.RegisterService(&health_service_);
  builder.SetMaxReceiveMessageSize(kReceiveBytesMax);
  builder.SetMaxSendMessageSize(-1);
  builder.AddChannelArgument(GRPC_ARG_MAX_CONCURRENT_STREAMS, kStreamsPerConnectionMax);
  // A port in use is an error: two servers must not share it.
  builder.AddChannelArgument(GRPC_ARG_ALLOW_REUSEPORT, 0);
  builder.AddChannelArgument(GRPC_ARG_KEEPALIVE_TIME_MS, kKeepaliveMs);
  builder.AddChannelArgument(GRPC_ARG_KEEPALIVE_TIMEOUT_MS, kKeepaliveTimeoutMs);
  builder.AddChannelArgument(GRPC_ARG_HTTP2_MIN_RECV_PING_INTERVAL_WITHOUT_DATA_MS, kPingIntervalMinMs);
  builder.AddChannelArgument(GRPC_ARG_KEEPALIVE_PERMIT_WITHOUT_CALLS, 1);
  call_queue_ = std::make_unique<CallQueue>(builder.AddCompletionQueue());
  grpc_server_ = builder.BuildAndStart();
  if (grpc_server_ == nullptr || port == 0) {
    return absl::UnavailableError(
        absl::StrCat("cannot listen on ", options_.listen.ToString(), " (--listen): is it in use?"));
  }
  grpc_address_ = {options_.listen.host, port};
  service_->Serve(*call_queue_);
  log_admin_service_->Serve(*call_queue_);
  cursors_service_->Serve(*call_queue_);
  health_service_.Serve(*call_queue_);
  return absl::OkStatus();
}

absl::Status Server::StartHttp() {
  OperationsPages pages;
  pages.stats = [this] { return StatsPage(*engine_, absl::Now() - start_time_); };
  pages.metrics = [this] { return MetricsPage(*engine_, {service_->subscriptions(), errors_.counts()}); };
  pages.ready = [this] {
    if (draining_) return absl::UnavailableError("draining");
    return engine_->health();
  };
  absl::StatusOr<std::unique_ptr<OperationsServer>> started =
      OperationsServer::Start(options_.http_listen.host, options_.http_listen.port, std::move(pages));
  if (!started.ok()) return started.status();
  http_server_ = *std::move(started);
  http_address_ = {options_.http_listen.host, http_server_->port()};
  return absl::OkStatus();
}

absl::Status Server::Stop() {
  if (draining_.exchange(true)) return final_health_;
  if (grpc_server_ != nullptr) {
    const absl::Time deadline = absl::Now() + options_.drain_timeout;
    health_service_.Drain();
    service_->Drain(kRetryDelay);
    log_admin_service_->Drain();
    cursors_service_->Drain();
    engine_->Close();
    final_health_ = engine_->health();
    // gRPC closes a connection with its last call, whatever still lies in its send queue. Not for one who never reads.
    if (call_queue_->calls().AwaitNone(deadline)) (void)AwaitSent(grpc_address_.port, deadline);
    grpc_server_->Shutdown(absl::ToChronoTime(deadline));
    grpc_server_->Wait();
  }
  http_server_.reset();
  call_queue_.reset();
  grpc_server_.reset();
  service_.reset();
  log_admin_service_.reset();
  cursors_service_.reset();
  engine_.reset();
  return final_health_;
}

}  // namespace eventlog
