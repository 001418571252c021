// A shard of one thread, the test's, for what lives on one: its ring and its log are the test's, and what is posted
// runs when the test says so.

#ifndef TESTS_GATEWAY_SVC_HTTP_FAKE_HOST_H_
#define TESTS_GATEWAY_SVC_HTTP_FAKE_HOST_H_

#include <boost/asio/io_context.hpp>
#include <memory>
#include <string>
#include <vector>

#include "gateway-svc/http/client_host.h"
#include "gateway-svc/hub/hub.h"
#include "tests/gateway-svc/hub/hub_fixture.h"

namespace gateway {

class FakeHost : public ClientHost {
 public:
  // The log has `log_head` events; those from `ring_start` on are in the ring when they are published.
  explicit FakeHost(int64_t ring_start = 0, int64_t log_head = 0)
      : event_ring(1 << 20), hub(event_ring), log(100), cold_(log, 1 << 20), budget_(10), kept_(1 << 20) {
    hub.Connected(kEpoch, 0, log_head, ring_start);
    log.head = ring_start;
    Look();
  }

  // The shard looks at the ring.
  void Look() { state_ = event_ring.state(); }
  // The next `count` events, and the shard looks.
  void Publish(int64_t count) {
    const int64_t head = event_ring.state().head;
    hub.Broadcast(Block(head, head + count));
    Look();
  }
  void PublishGap(int64_t count) {
    const int64_t head = event_ring.state().head;
    hub.Broadcast(GapBlock(head, head + count));
    Look();
  }
  // Runs what was posted.
  void Run() {
    io_->restart();
    io_->poll();
  }

  const std::shared_ptr<boost::asio::io_context>& io() override { return io_; }
  const ClientOptions& options() const override { return client_options; }
  const EventRing& ring() const override { return event_ring; }
  const RingState& ring_state() const override { return state_; }
  ColdReader& cold() override { return cold_; }
  PageReader& pages() override { return page_reader == nullptr ? log : *page_reader; }
  ConnectionBudget& budget() override { return budget_; }
  TrafficCounters& counters() override { return counters_; }
  FrameFormat& sse_format() override { return text_format; }
  FrameFormat& websocket_format() override { return text_format; }
  FrameFormat& deflate_format(int) override { return text_format; }
  MessageInflater& inflater() override { return inflater_; }
  std::shared_ptr<FilterGroup> GroupFor(const FrameSpec& spec) override {
    FrameSources sources;
    sources.ring = &event_ring;
    sources.cold = &cold_;
    sources.counters = &counters_.frames;
    sources.kept = &kept_;
    sources.waiter = waiter_;
    return std::make_shared<FilterGroup>(sources, spec);
  }
  absl::Span<char> read_buffer() override { return absl::MakeSpan(read_buffer_); }
  const std::shared_ptr<PageWaiter>& page_waiter() override { return waiter_; }
  void AwaitPage(ShardClient&, int64_t) override {}
  void GoOn(ShardClient&) override {}
  void WakeAt(ShardClient&, Uptime) override {}
  void Add(std::shared_ptr<ShardClient>) override {}
  void Replace(ShardClient*, std::shared_ptr<ShardClient>) override {}
  void Remove(ShardClient*, const char*) override {}

  ClientOptions client_options;
  EventRing event_ring;
  Hub hub;
  FakePages log;
  PageReader* page_reader = nullptr;  // in the place of `log`, where a test has one
  TextFormat text_format;

 private:
  const std::shared_ptr<PageWaiter> waiter_ = std::make_shared<CountingWaiter>();
  const std::shared_ptr<boost::asio::io_context> io_ = std::make_shared<boost::asio::io_context>();
  RingState state_;
  ColdReader cold_;
  ConnectionBudget budget_;
  TrafficCounters counters_;
  FrameCache kept_;
  MessageInflater inflater_;
  std::vector<char> read_buffer_ = std::vector<char>(4096);
};

}  // namespace gateway

#endif  // TESTS_GATEWAY_SVC_HTTP_FAKE_HOST_H_
