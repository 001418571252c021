#include "gateway-svc/server.h"

#include <algorithm>
#include <thread>
#include <utility>

#include "glog/logging.h"

namespace gateway {
namespace {

ServerOptions Complete(ServerOptions options) {
  if (options.shards <= 0) options.shards = std::max(1, static_cast<int>(std::thread::hardware_concurrency()));
  options.client.log = options.log;
  return options;
}

EventFeedOptions FeedOptions(const ServerOptions& options) {
  EventFeedOptions feed;
  feed.server_address = options.eventlog;
  feed.log = options.log;
  return feed;
}

}  // namespace

Server::Server(ServerOptions options)
    : options_(Complete(std::move(options))),
      start_time_(absl::Now()),
      budget_(options_.connections_max, options_.connections_per_address_max),
      ring_(options_.ring_bytes_max),
      feed_(FeedOptions(options_), ring_),
      cold_(feed_.pages(), options_.cold_cache_bytes_max) {
  ShardSources sources;
  sources.ring = &ring_;
  sources.cold = &cold_;
  sources.pages = &feed_.pages();
  sources.budget = &budget_;
  sources.disconnects = &disconnects_;
  std::vector<Shard*> shards;
  std::vector<ShardClients*> clients;
  for (int i = 0; i < options_.shards; ++i) {
    shards_.push_back(std::make_unique<Shard>(sources, options_.client));
    shards.push_back(shards_.back().get());
    clients.push_back(shards_.back().get());
  }
  listener_ = std::make_unique<Listener>(std::move(shards), budget_, options_.accepts_per_second_max);
  directory_ = std::make_unique<ShardDirectory>(std::move(clients));
  AdminActions admin;
  admin.clients = directory_.get();
  admin.disconnects = &disconnects_;
  admin.drain = [this](absl::Duration over) { return Drain(over); };
  admin.drain_default = options_.drain;
  ops_ = std::make_unique<Ops>([this] { return status(); }, std::move(admin));
}

Server::~Server() { Stop(); }

absl::Status Server::Start() {
  absl::Status status = listener_->Open(options_.listen.host, static_cast<uint16_t>(options_.listen.port));
  if (!status.ok()) return status;
  status = ops_->Open(options_.ops_listen.host, static_cast<uint16_t>(options_.ops_listen.port));
  if (!status.ok()) return status;
  started_ = true;
  for (const std::unique_ptr<Shard>& shard : shards_) shard->Start();
  listener_->Start();
  feed_.Start();
  running_.Notify();
  return absl::OkStatus();
}

bool Server::Drain(absl::Duration over) {
  running_.WaitForNotification();
  if (draining_.exchange(true)) return false;
  LOG(INFO) << "draining " << budget_.open() << " connections within " << over;
  listener_->Stop();
  for (const std::unique_ptr<Shard>& shard : shards_) shard->Drain(over);
  return true;
}

void Server::Stop() {
  if (!std::exchange(started_, false)) return;
  draining_ = true;
  listener_->Stop();
  const int64_t connections = budget_.open();
  for (const std::unique_ptr<Shard>& shard : shards_) shard->Drain(options_.drain);
  if (!budget_.AwaitNone(2 * options_.drain)) {
    LOG(WARNING) << budget_.open() << " of " << connections << " connections did not answer their close";
  }
  // Before the shards, which answer it.
  ops_->Stop();
  // Before the feed: their clients read pages, which end with the feed. What the log still answers finds them gone.
  for (const std::unique_ptr<Shard>& shard : shards_) shard->Stop();
  feed_.Stop();
}

GatewayStatus Server::status() const {
  GatewayStatus status;
  status.log = options_.log;
  status.ring = ring_.state();
  status.cold_reads = cold_.reads();
  status.cold_hits = cold_.hits();
  status.cold_cache_bytes = static_cast<int64_t>(cold_.cache_bytes());
  status.upstream_connects = feed_.connects();
  status.connections = budget_.open();
  status.connections_max = budget_.connections_max();
  status.Set(listener_->counters());
  for (const std::unique_ptr<Shard>& shard : shards_) status.Add(shard->traffic());
  status.draining = draining_;
  status.uptime = absl::Now() - start_time_;
  return status;
}

}  // namespace gateway
