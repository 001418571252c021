// Shards and a listener over real loopback sockets, on a ring that the test fills and a log that the test plays.

#ifndef TESTS_GATEWAY_SVC_HTTP_GATEWAY_FIXTURE_H_
#define TESTS_GATEWAY_SVC_HTTP_GATEWAY_FIXTURE_H_

#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "absl/base/thread_annotations.h"
#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "absl/synchronization/mutex.h"
#include "gateway-svc/http/client_host.h"
#include "gateway-svc/http/connection_budget.h"
#include "gateway-svc/http/disconnect_log.h"
#include "gateway-svc/http/listener.h"
#include "gateway-svc/http/shard.h"
#include "gateway-svc/hub/cold_reader.h"
#include "gateway-svc/hub/event_ring.h"
#include "gateway-svc/hub/hub.h"
#include "gateway-svc/hub/page_reader.h"

namespace gateway {

inline constexpr char kEpoch[] = "00000000000000aa";

// A log of events 0 … head-1, one a second since the epoch of time, all of type "old.event".
class FakePages : public PageReader {
 public:
  void ReadPage(int64_t offset, int64_t until_offset, std::function<void(absl::StatusOr<LogPage>)> done) override;
  void FindTime(absl::Time time, std::function<void(absl::StatusOr<LogPosition>)> done) override;
  void FindTail(int64_t count, std::function<void(absl::StatusOr<LogPosition>)> done) override;

  void set_head(int64_t head);
  void set_epoch(const std::string& epoch);
  // Of each event's data from now on.
  void set_padding(size_t bytes);
  // Answers everything with this from now on.
  void Fail(absl::Status status);
  // Waits until a page was answered with a failure.
  bool AwaitFailure();

 private:
  absl::Mutex mutex_;
  int64_t head_ ABSL_GUARDED_BY(mutex_) = 0;
  std::string epoch_ ABSL_GUARDED_BY(mutex_) = kEpoch;
  absl::Status failure_ ABSL_GUARDED_BY(mutex_);
  int failures_ ABSL_GUARDED_BY(mutex_) = 0;
  size_t padding_ ABSL_GUARDED_BY(mutex_) = 0;
};

// An event as the feed would encode it, with `padding` bytes of data.
EncodedEvent MakeEvent(int64_t offset, absl::string_view type = "test.event", size_t padding = 0);

class Gateway {
 public:
  struct Options {
    ClientOptions client;
    int shards = 1;
    size_t ring_bytes_max = 64 * 1024 * 1024;
    size_t cold_cache_bytes_max = 1024 * 1024;
    int64_t connections_max = 1000;
    int64_t connections_per_address_max = 0;
  };

  explicit Gateway(Options options);
  ~Gateway();

  uint16_t port() const { return listener_->port(); }
  // The upstream is there; the ring begins at `next_offset`.
  void Connect(int64_t next_offset = 0, int64_t log_start = 0);
  // The next `count` events, in one block.
  void Publish(int count, absl::string_view type = "test.event", size_t padding = 0);
  void Broadcast(EventBlockPtr block);

  int64_t disconnects(absl::string_view reason) const;
  int64_t Sum(std::atomic<int64_t> TrafficCounters::*counter) const;

  FakePages pages;
  EventRing ring;
  Hub hub;
  ConnectionBudget budget;
  DisconnectLog disconnect_log;

 private:
  ColdReader cold_;
  std::vector<std::unique_ptr<Shard>> shards_;
  std::unique_ptr<Listener> listener_;

 public:
  std::vector<std::unique_ptr<Shard>>& shards() { return shards_; }
  Listener& listener() { return *listener_; }
};

// A client of plain blocking sockets. Every wait has a deadline that only a broken gateway reaches.
class Client {
 public:
  struct Frame {
    int first = -1;  // first byte, -1 at the end of the stream
    std::string payload;
    bool end() const { return first < 0; }
    bool text() const { return first == 0x81; }
    // Of a Close frame.
    int close_code() const;
    std::string close_reason() const;
  };

  // `receive_buffer_bytes` of 0 leaves it to the system.
  explicit Client(uint16_t port, int receive_buffer_bytes = 0);
  ~Client();
  Client(const Client&) = delete;
  Client& operator=(const Client&) = delete;

  void Send(absl::string_view bytes);
  // Up to the end of the stream.
  std::string ReadAll();
  // Sends an HTTP request and returns the answer's head, up to the empty line.
  std::string Request(absl::string_view request);
  // Reads on until `marker` came; returns what came, or all that came before the end.
  std::string ReadText(absl::string_view marker);
  // Opens /api/events/firehose?`query`; returns the answer's head.
  std::string Open(absl::string_view query, absl::string_view more_headers = "");
  Frame Read();
  // The next text message that contains `marker`; the last frame before the end otherwise.
  Frame ReadUntil(absl::string_view marker);
  // Reads until the event `offset` came; checks that offsets follow one another from `first`. False: the stream ended.
  bool ReadEvents(int64_t first, int64_t last);

 private:
  bool Fill(size_t size);

  int fd_;
  std::string input_;
};

}  // namespace gateway

#endif  // TESTS_GATEWAY_SVC_HTTP_GATEWAY_FIXTURE_H_
