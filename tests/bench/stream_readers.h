// Many connections that receive a broadcast, on one epoll thread: the receiving side of the fan-out benchmark, the same
// for every server. They check what comes: each client gets each event that it should, once, in order. Anything else
// crashes the benchmark, as does a connection that the server ends.

#ifndef TESTS_BENCH_STREAM_READERS_H_
#define TESTS_BENCH_STREAM_READERS_H_

#include <atomic>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <thread>
#include <vector>

#include "absl/base/thread_annotations.h"
#include "absl/strings/string_view.h"
#include "absl/synchronization/mutex.h"
#include "tests/bench/inflated_ranges.h"
#include "tests/bench/marker_scanner.h"
#include "tests/bench/server_frames.h"

namespace eventlog::bench {

// How the bytes of a server are cut.
enum class Framing {
  kBytes,             // not at all: what comes is searched
  kWebSocket,         // frames from the first byte on
  kHttpAndWebSocket,  // an answer with status 101, then frames
};

// A step of opening a connection: what is sent, and the text in what comes (for kHttpAndWebSocket: in the frames) that
// says that it was taken.
struct Opening {
  std::string send;
  std::string await;
};

// The offsets that a client should get: `next`, `next + stride` and so on.
struct Expected {
  int64_t next = 0;
  int64_t stride = 1;
};

struct StreamReadersOptions {
  int port = 0;
  int clients = 1;
  Framing framing = Framing::kHttpAndWebSocket;
  // Of the client with that number.
  std::function<std::vector<Opening>(int)> opening;
  std::function<Expected(int)> expected;
  // At least so many bytes are from one offset to the next.
  size_t event_bytes_min = 1;
  // Events have a field "sent_ns", when they were sent, as MonotonicNs says.
  bool timed = false;
  // 0 leaves it to the system.
  int receive_buffer_bytes = 0;
};

// Thread safe, but for one that waits at a time.
class StreamReaders {
 public:
  // Connects at once; AwaitOpen says when all are there.
  explicit StreamReaders(StreamReadersOptions options);
  ~StreamReaders();
  StreamReaders(const StreamReaders&) = delete;
  StreamReaders& operator=(const StreamReaders&) = delete;

  int clients() const { return options_.clients; }

  // All have been through their opening.
  void AwaitOpen();
  // Every client has all that it should get below the offset `head`.
  void AwaitEach(int64_t head);
  // From now on nothing is read, or again.
  void SetReading(bool reading);
  // Every connection stands, as the kernel knows, and has something that was not read.
  bool AllStandUnread() const;

  // From all clients, with everything around the events, since they were opened.
  int64_t bytes_received() const { return bytes_received_; }
  int64_t compressed_messages() const { return compressed_messages_; }
  // Of each event that each client got since the last call, in milliseconds from its sending.
  std::vector<float> TakeLatencies();

 private:
  struct Client {
    int fd = -1;
    bool http_done = false;
    size_t opened = 0;  // steps
    std::string said;   // of the step under way
    ServerFrames frames;
    MarkerScanner::Rest offsets, times;
    std::string control;  // payload of a control frame
    std::string message;  // a compressed one that has come in part
    Expected expected;
  };
  struct Change {
    size_t client;
    int64_t next;
  };

  void Connect(int index);
  void Run();
  void Receive(size_t index);
  void TakeBytes(size_t index, char* data, size_t size);
  void TakePiece(size_t index, const FramePiece& piece);
  void TakeControl(size_t index, const FramePiece& piece);
  void TakePayload(size_t index, char* data, size_t size);
  void TakeCompressed(size_t index, const FramePiece& piece);
  void Open(size_t index, absl::string_view more);
  void Publish();
  bool AllHave() const ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_) { return done_ == options_.clients; }
  bool AllOpen() const ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_) { return open_ == options_.clients; }

  const StreamReadersOptions options_;
  const MarkerScanner offset_scanner_;
  const MarkerScanner time_scanner_;
  int poller_ = -1;
  int stop_ = -1;
  std::atomic<int64_t> bytes_received_{0};
  std::atomic<int64_t> compressed_messages_{0};

  // The reading thread's, once a connection is watched.
  std::vector<Client> clients_;
  InflatedRanges inflated_;
  std::vector<char> buffer_;
  std::vector<Change> changes_;  // since Publish
  std::vector<float> new_latencies_ms_;
  int newly_open_ = 0;
  int64_t now_ns_ = 0;

  absl::Mutex mutex_;
  int64_t awaited_ ABSL_GUARDED_BY(mutex_) = 0;
  int done_ ABSL_GUARDED_BY(mutex_) = 0;  // clients whose next offset is not below `awaited_`
  int open_ ABSL_GUARDED_BY(mutex_) = 0;
  std::vector<int64_t> next_ ABSL_GUARDED_BY(mutex_);  // of each client
  std::vector<float> latencies_ms_ ABSL_GUARDED_BY(mutex_);
  std::thread thread_;
};

// Of the clock that `sent_ns` is of, in nanoseconds.
int64_t MonotonicNs();

}  // namespace eventlog::bench

#endif  // TESTS_BENCH_STREAM_READERS_H_
