// One thread with its own event loop and its own clients. Shards share nothing but the ring, the cold reader and the
// connection budget; they hold no lock of one another.

#ifndef GATEWAY_SVC_HTTP_SHARD_H_
#define GATEWAY_SVC_HTTP_SHARD_H_

#include <atomic>
#include <boost/asio/executor_work_guard.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/steady_timer.hpp>
#include <functional>
#include <memory>
#include <string>
#include <thread>
#include <vector>

#include "absl/container/flat_hash_map.h"
#include "absl/time/time.h"
#include "gateway-svc/http/client_host.h"
#include "gateway-svc/http/connection_budget.h"
#include "gateway-svc/http/disconnect_log.h"
#include "gateway-svc/http/shard_clients.h"
#include "gateway-svc/hub/cold_reader.h"
#include "gateway-svc/hub/frame_cache.h"

namespace gateway {

// What the shards share. All of it outlives them.
struct ShardSources {
  EventRing* ring = nullptr;
  ColdReader* cold = nullptr;
  PageReader* pages = nullptr;
  const FrameFormat* format = nullptr;
  ConnectionBudget* budget = nullptr;
  DisconnectLog* disconnects = nullptr;  // null: nobody looks
};

class Shard : public RingListener, public ShardClients, private ClientHost {
 public:
  Shard(ShardSources sources, const ClientOptions& options, absl::Duration tick = absl::Milliseconds(250));
  // Stops.
  ~Shard() override;

  void Start();
  // Ends all connections and joins the thread.
  void Stop();

  // Any thread: a connection that was accepted on this shard's io_context, and its place, which is kept until the
  // connection is closed.
  void Adopt(boost::asio::ip::tcp::socket socket, ConnectionPlace place);
  // Any thread: tells every client to go, each at its own time within `spread`.
  void Drain(absl::Duration spread);
  boost::asio::io_context& context() { return *io_; }
  const TrafficCounters& traffic() const { return counters_; }

  void Describe(std::function<void(std::vector<ClientInfo>)> done) override;
  void Kick(std::string id, std::function<void(bool)> done) override;

  // RingListener: the feed's thread.
  void OnRingChanged() override;

 private:
  const std::shared_ptr<boost::asio::io_context>& io() override { return io_; }
  const ClientOptions& options() const override { return options_; }
  const EventRing& ring() const override { return *sources_.ring; }
  PageReader& pages() override { return *sources_.pages; }
  ConnectionBudget& budget() override { return *sources_.budget; }
  TrafficCounters& counters() override { return counters_; }
  std::shared_ptr<FilterGroup> GroupFor(const Filter& filter) override;
  absl::Span<char> read_buffer() override { return absl::MakeSpan(read_buffer_); }
  void Add(std::shared_ptr<ShardClient> client) override;
  void Replace(ShardClient* old, std::shared_ptr<ShardClient> client) override;
  void Remove(ShardClient* client) override;

  void WaitTick();
  // Calls `visit` for the clients that were there when it began; they may leave meanwhile.
  template <typename Visit>
  void ForEach(Visit visit);

  const ShardSources sources_;
  const ClientOptions options_;
  const absl::Duration tick_;
  TrafficCounters counters_;
  const std::shared_ptr<boost::asio::io_context> io_;
  // Many changes of the ring before the shard looks are one wake-up.
  std::atomic<bool> wake_posted_{false};
  std::thread thread_;

  // The shard's thread only.
  boost::asio::executor_work_guard<boost::asio::io_context::executor_type> work_;
  boost::asio::steady_timer timer_;
  std::vector<char> read_buffer_;
  FrameCache kept_frames_;
  absl::flat_hash_map<ShardClient*, std::shared_ptr<ShardClient>> clients_;
  absl::flat_hash_map<ShardClient*, ConnectionPlace> places_;
  std::vector<std::shared_ptr<ShardClient>> visited_;
  absl::flat_hash_map<std::string, std::weak_ptr<FilterGroup>> groups_;
  bool draining_ = false;
  absl::Duration drain_spread_;
};

}  // namespace gateway

#endif  // GATEWAY_SVC_HTTP_SHARD_H_
