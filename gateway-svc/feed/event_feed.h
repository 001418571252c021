// The gateway's one consumer of the log, and the only caller of Hub::Broadcast.
//
// Follows the log with one subscription, encodes each event once, and broadcasts it. When the log is lost it keeps the
// ring as it is, tries again, and goes on at the next offset. When the log turns out to be another one the ring begins
// anew.

#ifndef GATEWAY_SVC_FEED_EVENT_FEED_H_
#define GATEWAY_SVC_FEED_EVENT_FEED_H_

#include <atomic>
#include <cstdint>
#include <memory>
#include <string>
#include <thread>

#include "absl/base/thread_annotations.h"
#include "absl/random/random.h"
#include "absl/status/status.h"
#include "absl/synchronization/mutex.h"
#include "absl/time/time.h"
#include "eventlog-svc/client/backoff.h"
#include "eventlog-svc/client/event_stream.h"
#include "gateway-svc/feed/log_pages.h"
#include "gateway-svc/hub/event_ring.h"
#include "gateway-svc/hub/hub.h"
#include "gateway-svc/hub/page_reader.h"
#include "grpcpp/channel.h"

namespace gateway {

struct EventFeedOptions {
  std::string server_address;
  std::string log;
  // How many of the newest events the ring begins with.
  int64_t warm_events = 1'000;
  eventlog::BackoffOptions backoff;
};

class EventFeed : private eventlog::EventStreamHandler {
 public:
  // The ring must outlive it.
  EventFeed(EventFeedOptions options, EventRing& ring);
  // Stops.
  ~EventFeed() override;

  void Start();
  // Joins; nothing is broadcast afterwards, and no page is answered.
  void Stop();
  // Valid until Stop.
  PageReader& pages() { return *pages_; }
  // How often the log was reached. Any thread.
  int64_t connects() const { return connects_.load(std::memory_order_relaxed); }

 private:
  // The subscription's thread.
  void OnStarted(const eventlog::v1::SubscribeResponse::Started& started) override;
  void OnBatch(eventlog::v1::SubscribeResponse::Batch& batch) override;
  void OnGap(const eventlog::v1::Gap& gap) override;
  void OnDisconnected(const absl::Status& status) override;
  void OnEnded(const absl::Status& status) override;

  // The feed's own thread: begins a new subscription when one has ended for good.
  void Run();

  const EventFeedOptions options_;
  Hub hub_;
  const std::shared_ptr<grpc::Channel> channel_;
  std::unique_ptr<LogPages> pages_;
  int64_t next_offset_ = 0;  // of the subscription's thread
  std::atomic<int64_t> connects_{0};

  absl::Mutex mutex_;
  bool stopping_ ABSL_GUARDED_BY(mutex_) = false;
  bool ended_ ABSL_GUARDED_BY(mutex_) = false;
  std::thread thread_;
};

}  // namespace gateway

#endif  // GATEWAY_SVC_FEED_EVENT_FEED_H_
