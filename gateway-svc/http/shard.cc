#include "gateway-svc/http/shard.h"

#include <boost/asio/post.hpp>
#include <utility>

#include "gateway-svc/http/http_connection.h"

namespace gateway {
namespace {

constexpr size_t kReadBufferBytes = 16 * 1024;
// Of built frames that wait for other clients of their filter.
constexpr size_t kKeptFrameBytes = 4 * 1024 * 1024;

}  // namespace

Shard::Shard(ShardSources sources, const ClientOptions& options, absl::Duration tick)
    : sources_(sources),
      options_(options),
      tick_(tick),
      io_(std::make_shared<boost::asio::io_context>(1)),
      work_(io_->get_executor()),
      timer_(*io_),
      read_buffer_(kReadBufferBytes),
      kept_frames_(kKeptFrameBytes) {}

Shard::~Shard() { Stop(); }

void Shard::Start() {
  sources_.ring->AddListener(this);
  WaitTick();
  thread_ = std::thread([this] { io_->run(); });
}

void Shard::Stop() {
  if (!thread_.joinable()) return;
  sources_.ring->RemoveListener(this);
  boost::asio::post(*io_, [this] {
    ForEach([](ShardClient& client) { client.Abort(); });
    timer_.cancel();
    work_.reset();
    // Handlers that are cancelled now still run; then nothing is left to wait for.
    boost::asio::post(*io_, [this] { io_->stop(); });
  });
  thread_.join();
}

template <typename Visit>
void Shard::ForEach(Visit visit) {
  std::vector<std::shared_ptr<ShardClient>> visited = std::move(visited_);
  visited.clear();
  for (const auto& [key, client] : clients_) visited.push_back(client);
  for (const std::shared_ptr<ShardClient>& client : visited) visit(*client);
  visited.clear();
  visited_ = std::move(visited);
}

void Shard::WaitTick() {
  timer_.expires_after(absl::ToChronoMilliseconds(tick_));
  timer_.async_wait([this](const boost::system::error_code& error) {
    if (error) return;
    const Uptime now = UptimeNow();
    ForEach([now](ShardClient& client) { client.OnTick(now); });
    for (auto it = groups_.begin(); it != groups_.end();) {
      const auto next = std::next(it);
      if (it->second.expired()) groups_.erase(it);
      it = next;
    }
    WaitTick();
  });
}

void Shard::OnRingChanged() {
  if (wake_posted_.exchange(true)) return;
  boost::asio::post(*io_, [this] {
    // First, so that a change during the round wakes again.
    wake_posted_.store(false);
    ForEach([](ShardClient& client) { client.OnRingChanged(); });
  });
}

void Shard::Adopt(boost::asio::ip::tcp::socket socket, ConnectionPlace place) {
  boost::asio::post(*io_, [this, socket = std::move(socket), place = std::move(place)]() mutable {
    ClientHost& host = *this;
    auto connection = std::make_shared<HttpConnection>(host, std::move(socket));
    places_.emplace(connection.get(), std::move(place));
    Add(connection);
    connection->Start();
  });
}

void Shard::Drain(absl::Duration spread) {
  boost::asio::post(*io_, [this, spread] {
    draining_ = true;
    drain_spread_ = spread;
    ForEach([spread](ShardClient& client) { client.Drain(spread); });
  });
}

void Shard::Describe(std::function<void(std::vector<ClientInfo>)> done) {
  boost::asio::post(*io_, [done = std::move(done)] { done({}); });
}

void Shard::Kick(std::string id, std::function<void(bool)> done) {
  boost::asio::post(*io_, [done = std::move(done)] { done(false); });
}

std::shared_ptr<FilterGroup> Shard::GroupFor(const Filter& filter) {
  std::weak_ptr<FilterGroup>& place = groups_[FilterKey(filter)];
  std::shared_ptr<FilterGroup> group = place.lock();
  if (group == nullptr) {
    FrameSources frames;
    frames.ring = sources_.ring;
    frames.cold = sources_.cold;
    frames.format = sources_.format;
    frames.counters = &counters_.frames;
    frames.kept = &kept_frames_;
    group = std::make_shared<FilterGroup>(frames, filter);
    place = group;
  }
  return group;
}

void Shard::Add(std::shared_ptr<ShardClient> client) {
  ShardClient* const key = client.get();
  clients_.emplace(key, std::move(client));
  if (draining_) key->Drain(drain_spread_);
}

void Shard::Replace(ShardClient* old, std::shared_ptr<ShardClient> client) {
  clients_.erase(old);
  const auto place = places_.find(old);
  ConnectionPlace moved = std::move(place->second);
  places_.erase(place);
  places_.emplace(client.get(), std::move(moved));
  Add(std::move(client));
}

void Shard::Remove(ShardClient* client) {
  clients_.erase(client);
  places_.erase(client);
}

}  // namespace gateway
