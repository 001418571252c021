#include "gateway-svc/feed/event_feed.h"

#include <utility>

#include "eventlog-svc/client/channel.h"
#include "eventlog-svc/client/rpc_error.h"
#include "gateway-svc/feed/event_encoder.h"
#include "glog/logging.h"

namespace gateway {
namespace {

constexpr int kHeartbeatSeconds = 5;

}  // namespace

EventFeed::EventFeed(EventFeedOptions options, EventRing& ring)
    : options_(std::move(options)),
      hub_(ring),
      channel_(eventlog::NewChannel(options_.server_address)),
      pages_(std::make_unique<LogPages>(eventlog::NewChannel(options_.server_address), options_.log)) {}

EventFeed::~EventFeed() { Stop(); }

void EventFeed::Start() {
  std::thread([this] { Run(); }).swap(thread_);
}

void EventFeed::Stop() {
  {
    absl::MutexLock lock(&mutex_);
    stopping_ = true;
  }
  if (thread_.joinable()) thread_.join();
  pages_.reset();
}

void EventFeed::Run() {
  absl::BitGen random;
  eventlog::Backoff backoff(options_.backoff, random);
  while (true) {
    eventlog::EventStreamOptions stream_options;
    stream_options.backoff = options_.backoff;
    stream_options.request.set_log(options_.log);
    stream_options.request.set_tail(options_.warm_events);
    stream_options.request.mutable_heartbeat_interval()->set_seconds(kHeartbeatSeconds);
    {
      absl::MutexLock lock(&mutex_);
      ended_ = false;
    }
    eventlog::EventStream stream(channel_, std::move(stream_options), *this);
    absl::MutexLock lock(&mutex_);
    const auto over = [this]() ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_) { return stopping_ || ended_; };
    mutex_.Await(absl::Condition(&over));
    if (stopping_) break;
    mutex_.AwaitWithTimeout(absl::Condition(&stopping_), backoff.Next());
    if (stopping_) break;
  }
}

void EventFeed::OnStarted(const eventlog::v1::SubscribeResponse::Started& started) {
  LOG(INFO) << "following log epoch " << started.epoch() << " from offset " << started.next_offset();
  next_offset_ = started.next_offset();
  connects_.fetch_add(1, std::memory_order_relaxed);
  hub_.Connected(started.epoch(), started.start_offset(), started.head_offset(), started.next_offset());
}

void EventFeed::OnBatch(eventlog::v1::SubscribeResponse::Batch& batch) {
  hub_.Broadcast(EncodeBlock(next_offset_, batch.next_offset(), batch.records()));
  next_offset_ = batch.next_offset();
}

void EventFeed::OnGap(const eventlog::v1::Gap& gap) {
  LOG(WARNING) << "the log has a gap: offsets " << gap.start_offset() << " to " << gap.next_offset() - 1;
  hub_.Broadcast(EncodeGap(gap));
  next_offset_ = gap.next_offset();
}

void EventFeed::OnDisconnected(const absl::Status& status) {
  LOG_EVERY_N(WARNING, 20) << "the log service is away: " << eventlog::RpcErrorText(status);
  hub_.Disconnected();
}

void EventFeed::OnEnded(const absl::Status& status) {
  LOG_EVERY_N(WARNING, 20) << "the subscription ended; beginning anew: " << eventlog::RpcErrorText(status);
  hub_.Disconnected();
  absl::MutexLock lock(&mutex_);
  ended_ = true;
}

}  // namespace gateway
