// One thread with its own event loop and its own clients. Shards share nothing but the ring, the cold reader and the
// connection budget; they hold no lock of one another.

#ifndef GATEWAY_SVC_HTTP_SHARD_H_
#define GATEWAY_SVC_HTTP_SHARD_H_

#include <atomic>
#include <boost/asio/executor_work_guard.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/steady_timer.hpp>
#include <deque>
#include <functional>
#include <memory>
#include <string>
#include <thread>
#include <vector>

#include "absl/base/thread_annotations.h"
#include "absl/container/flat_hash_map.h"
#include "absl/synchronization/mutex.h"
#include "absl/time/time.h"
#include "gateway-svc/http/client_host.h"
#include "gateway-svc/http/connection_budget.h"
#include "gateway-svc/http/deflate_format.h"
#include "gateway-svc/http/disconnect_log.h"
#include "gateway-svc/http/round_pace.h"
#include "gateway-svc/http/shard_clients.h"
#include "gateway-svc/http/sse_format.h"
#include "gateway-svc/http/timing_wheel.h"
#include "gateway-svc/http/turn_pace.h"
#include "gateway-svc/http/websocket_format.h"
#include "gateway-svc/hub/cold_reader.h"
#include "gateway-svc/hub/frame_cache.h"
#include "gateway-svc/websocket/message_inflater.h"

namespace gateway {

// What the shards share. All of it outlives them.
struct ShardSources {
  EventRing* ring = nullptr;
  ColdReader* cold = nullptr;
  PageReader* pages = nullptr;
  ConnectionBudget* budget = nullptr;
  DisconnectLog* disconnects = nullptr;
};

class Shard : public RingListener, public ShardClients, private ClientHost {
 public:
  Shard(ShardSources sources, const ClientOptions& options);
  // Stops.
  ~Shard() override;

  void Start();
  // Ends all connections and joins the thread.
  void Stop();

  // Any thread: a connection that was accepted on this shard's io_context and has its place in the budget.
  void Adopt(boost::asio::ip::tcp::socket socket, ConnectionPlace place);
  // Any thread: tells every client to go, each at its own time within `spread`.
  void Drain(absl::Duration spread);
  // ShardClients: any thread.
  void Describe(std::function<void(std::vector<ClientInfo>)> done) override;
  void Kick(std::string id, std::function<void(bool)> done) override;
  boost::asio::io_context& context() { return *io_; }
  const TrafficCounters& traffic() const { return counters_; }

  // RingListener: the feed's thread.
  void OnRingChanged() override;

 private:
  const std::shared_ptr<boost::asio::io_context>& io() override { return io_; }
  const ClientOptions& options() const override { return options_; }
  const EventRing& ring() const override { return *sources_.ring; }
  const RingState& ring_state() const override { return ring_state_; }
  ColdReader& cold() override { return *sources_.cold; }
  PageReader& pages() override { return *sources_.pages; }
  ConnectionBudget& budget() override { return *sources_.budget; }
  TrafficCounters& counters() override { return counters_; }
  FrameFormat& sse_format() override { return sse_format_; }
  FrameFormat& websocket_format() override { return websocket_format_; }
  FrameFormat& deflate_format(int window_bits) override;
  MessageInflater& inflater() override { return inflater_; }
  std::shared_ptr<FilterGroup> GroupFor(const FrameSpec& spec) override;
  absl::Span<char> read_buffer() override { return absl::MakeSpan(read_buffer_); }
  const std::shared_ptr<PageWaiter>& page_waiter() override { return page_waiter_; }
  void AwaitPage(ShardClient& client, int64_t page_start) override;
  void GoOn(ShardClient& client) override;
  void WakeAt(ShardClient& client, Uptime when) override;
  void Add(std::shared_ptr<ShardClient> client) override;
  void Replace(ShardClient* old, std::shared_ptr<ShardClient> client) override;
  void Remove(ShardClient* client, const char* reason) override;

  // With the address from its place: the socket of a client that broke off does not know it any more.
  static ClientInfo InfoOf(const ShardClient& client);
  void Run();
  // Something is new: lets every client look at the ring, now, or a little later under load.
  void AskForRound();
  void Round();
  // Gives turns for a moment, then lets others go before.
  void TakeTurns();
  void PostTurns(absl::Duration rest);
  void OnPage(int64_t page_start);
  void ArmTimer();
  void OnTimer();
  // Takes it out of the list; it lives until the loop's next turn.
  void Forget(ShardClient* client);
  // Now and then: forgets groups without clients, and looks how far the last client is behind.
  void LookAround(Uptime now);
  // Runs it on the shard's thread; false: the shard has stopped, and it was not taken.
  bool Submit(std::function<void()> task);
  // Calls `visit` for the clients that were there when it began; they may leave meanwhile.
  template <typename Visit>
  void ForEach(Visit visit);

  const ShardSources sources_;
  const ClientOptions options_;
  TrafficCounters counters_;
  const std::shared_ptr<boost::asio::io_context> io_;
  // Many changes of the ring before the shard looks are one wake-up.
  std::atomic<bool> wake_posted_{false};
  std::thread thread_;

  // Tasks that are answered even when the shard stops before it comes to them.
  absl::Mutex tasks_mutex_;
  bool accepts_tasks_ ABSL_GUARDED_BY(tasks_mutex_) = false;

  // The shard's thread only.
  boost::asio::executor_work_guard<boost::asio::io_context::executor_type> work_;
  boost::asio::steady_timer timer_;
  boost::asio::steady_timer round_timer_;
  boost::asio::steady_timer turns_timer_;
  TimingWheel wheel_;
  Uptime armed_ = absl::InfiniteDuration();  // when timer_ fires
  RoundPace pace_;
  bool round_awaited_ = false;  // round_timer_ runs
  RingState ring_state_;
  std::vector<char> read_buffer_;
  FrameCache kept_frames_;
  WebSocketFormat websocket_format_;
  SseFormat sse_format_;
  absl::flat_hash_map<int, std::unique_ptr<DeflateFormat>> deflate_formats_;  // by window bits
  MessageInflater inflater_;
  // Without an order; null where one left during a visit.
  std::vector<std::shared_ptr<ShardClient>> clients_;
  std::vector<std::shared_ptr<ShardClient>> gone_;
  bool visiting_ = false;
  std::deque<std::weak_ptr<ShardClient>> turns_;
  TurnPace turn_pace_;
  absl::flat_hash_map<int64_t, std::vector<std::weak_ptr<ShardClient>>> awaiting_;  // by the page's start
  std::shared_ptr<PageWaiter> page_waiter_;
  absl::flat_hash_map<std::string, std::weak_ptr<FilterGroup>> groups_;
  Uptime looked_around_at_;
  bool draining_ = false;
  absl::Duration drain_spread_;
};

}  // namespace gateway

#endif  // GATEWAY_SVC_HTTP_SHARD_H_
