// What a connection needs of the shard that it lives on, and the shard of it. Everything happens on the shard's thread.

#ifndef GATEWAY_SVC_HTTP_CLIENT_HOST_H_
#define GATEWAY_SVC_HTTP_CLIENT_HOST_H_

#include <boost/asio/io_context.hpp>
#include <chrono>
#include <cstddef>
#include <memory>
#include <string>

#include "absl/strings/string_view.h"
#include "absl/time/time.h"
#include "absl/types/span.h"
#include "gateway-svc/http/client_info.h"
#include "gateway-svc/http/connection_budget.h"
#include "gateway-svc/http/origin_policy.h"
#include "gateway-svc/http/socket_limits.h"
#include "gateway-svc/http/timing_wheel.h"
#include "gateway-svc/http/traffic_counters.h"
#include "gateway-svc/hub/cold_reader.h"
#include "gateway-svc/hub/event_ring.h"
#include "gateway-svc/hub/filter_group.h"
#include "gateway-svc/hub/page_reader.h"
#include "gateway-svc/websocket/connection.h"
#include "gateway-svc/websocket/message_inflater.h"

namespace gateway {

struct ClientOptions {
  std::string log = "events";
  ConnectionLimits limits;
  size_t header_bytes_max = 16 * 1024;
  // Of events that a client may have in its send window; also how long a pong may wait for data, in bytes.
  size_t write_bytes_max = 256 * 1024;
  SocketLimits socket;
  absl::Duration handshake_deadline = absl::Seconds(10);
  // A client that is behind is slow when its socket takes less than so many bytes in that time.
  absl::Duration slow_client_deadline = absl::Seconds(30);
  size_t slow_client_bytes_min = 16 * 1024;
  absl::Duration pong_deadline = absl::Seconds(60);
  // Between our Close frame and the end of the connection.
  absl::Duration close_grace = absl::Seconds(5);
  // Messages and pings of a client: so many at once, and so many per second for long.
  double client_frames_burst = 100;
  double client_frames_per_second = 10;
  // Most that the gateway itself waits under load, so that more events go with one message.
  absl::Duration linger_max = absl::Milliseconds(20);
  bool deflate = true;
  int deflate_level = 1;
  OriginPolicy origins{{}};
};

// Monotonic time since an arbitrary point.
using Uptime = absl::Duration;
inline Uptime UptimeNow() { return absl::FromChrono(std::chrono::steady_clock::now().time_since_epoch()); }

class ShardClient {
 public:
  virtual ~ShardClient() = default;
  // There may be something new in the ring.
  virtual void OnRingChanged(Uptime now) = 0;
  // The time that was asked for with ClientHost::WakeAt has come; nothing is asked for any more.
  virtual void OnTimer(Uptime now) = 0;
  // It asked for a turn with ClientHost::GoOn, or a page that it awaited was read.
  virtual void OnTurn(Uptime now) {}
  // A page that it awaited was read, or could not be; a turn follows.
  virtual void OnPage() {}
  // The gateway stops: go at some time within `spread`.
  virtual void Drain(absl::Duration spread) = 0;
  // An operator ends it.
  virtual void Kick() = 0;
  // Ends at once and leaves its host.
  virtual void Abort() = 0;
  // Of the connection, as in `hello`; empty before there is one.
  virtual absl::string_view id() const { return ""; }
  // All but the address, which its place in the budget knows.
  virtual ClientInfo Describe() const = 0;
  virtual int64_t behind_events() const { return 0; }

 protected:
  // It asked for a turn that it has not had yet.
  bool wants_turn() const { return wants_turn_; }

 private:
  friend class Shard;
  struct Wake : TimingWheel::Timer {
    ShardClient* client = nullptr;
  };
  Wake wake_;
  size_t place_ = 0;  // in the shard's list
  bool wants_turn_ = false;
  ConnectionPlace budget_place_;
};

class ClientHost {
 public:
  virtual ~ClientHost() = default;
  // Shared with callbacks from other threads, which may come when the shard is gone.
  virtual const std::shared_ptr<boost::asio::io_context>& io() = 0;
  virtual const ClientOptions& options() const = 0;
  virtual const EventRing& ring() const = 0;
  // The ring's, when the shard looked last: not older than what OnRingChanged told of.
  virtual const RingState& ring_state() const = 0;
  virtual ColdReader& cold() = 0;
  virtual PageReader& pages() = 0;
  virtual ConnectionBudget& budget() = 0;
  virtual TrafficCounters& counters() = 0;
  // The forms in which shared frames exist.
  virtual FrameFormat& sse_format() = 0;
  virtual FrameFormat& websocket_format() = 0;
  virtual FrameFormat& deflate_format(int window_bits) = 0;
  // Of the messages of all clients that compress.
  virtual MessageInflater& inflater() = 0;
  virtual std::shared_ptr<FilterGroup> GroupFor(const FrameSpec& spec) = 0;
  // What a client reads into; its content is the client's until it returns.
  virtual absl::Span<char> read_buffer() = 0;
  // What its page reads are asked for with.
  virtual const std::shared_ptr<PageWaiter>& page_waiter() = 0;
  // Calls the client's OnPage when that page was read, and then OnTurn.
  virtual void AwaitPage(ShardClient& client, int64_t page_start) = 0;
  // Calls the client's OnTurn when the others had theirs. Those who have much to catch up with take turns, and the
  // ring's news go before them.
  virtual void GoOn(ShardClient& client) = 0;
  // Calls the client's OnTimer at `when`, or earlier where that was asked for before.
  virtual void WakeAt(ShardClient& client, Uptime when) = 0;
  virtual void Add(std::shared_ptr<ShardClient> client) = 0;
  // `client` goes on with the connection of `old`, which leaves.
  virtual void Replace(ShardClient* old, std::shared_ptr<ShardClient> client) = 0;
  // The connection is closed, for a reason of kDisconnectReasons. May be called from within a call to a client; once
  // for each that was added.
  virtual void Remove(ShardClient* client, const char* reason) = 0;
};

}  // namespace gateway

#endif  // GATEWAY_SVC_HTTP_CLIENT_HOST_H_
