// Many sockets that read what a broadcast sends, on one epoll thread: the receiving side of the fan-out benchmark.

#ifndef TESTS_BENCH_FRAME_READERS_H_
#define TESTS_BENCH_FRAME_READERS_H_

#include <cstdint>
#include <string>
#include <thread>
#include <vector>

#include "absl/base/thread_annotations.h"
#include "absl/strings/string_view.h"
#include "absl/synchronization/mutex.h"

namespace eventlog::bench {

// Connects, optionally upgrades to WebSocket, and counts events by the marker that each of them contains once. Thread
// safe.
class FrameReaders {
 public:
  // `address` is HOST:PORT on the loopback. A non-empty `target` is requested as a WebSocket upgrade on every
  // connection.
  FrameReaders(const std::string& address, int clients, const std::string& target, absl::string_view marker);
  ~FrameReaders();
  FrameReaders(const FrameReaders&) = delete;
  FrameReaders& operator=(const FrameReaders&) = delete;

  // Waits until every client has seen `events` events since its connection began.
  void AwaitEach(int64_t events);

 private:
  struct Client {
    int fd = -1;
    int64_t events = 0;
    std::string tail;  // the end of the last chunk, shorter than the marker
  };

  void Connect(const std::string& address, const std::string& target);
  void Read();
  void Count(Client& client, absl::string_view chunk);
  bool AllHaveAwaited() const ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_) {
    return done_ == static_cast<int>(clients_.size());
  }

  const std::string marker_;
  int poller_ = -1;
  int stop_ = -1;
  std::vector<Client> clients_;  // set up by the constructor, then of the reading thread
  absl::Mutex mutex_;
  int64_t awaited_ ABSL_GUARDED_BY(mutex_) = 0;
  int done_ ABSL_GUARDED_BY(mutex_) = 0;  // clients that have seen `awaited_` events
  std::vector<int64_t> seen_ ABSL_GUARDED_BY(mutex_);
  std::thread thread_;
};

}  // namespace eventlog::bench

#endif  // TESTS_BENCH_FRAME_READERS_H_
