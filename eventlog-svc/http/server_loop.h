// The accepting loop of an HTTP server, on a thread of its own.

#ifndef EVENTLOG_SVC_HTTP_SERVER_LOOP_H_
#define EVENTLOG_SVC_HTTP_SERVER_LOOP_H_

#include <cstddef>
#include <memory>
#include <thread>

#include "absl/base/thread_annotations.h"
#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/synchronization/mutex.h"

namespace httplib {
class Server;
}

namespace eventlog {

// Start and destruction from one thread.
class ServerLoop {
 public:
  // Serves what `server`, which is bound and must outlive it, listens to, with `threads` threads. Returns when the loop
  // waits for connections; kUnavailable when it ended instead.
  static absl::StatusOr<std::unique_ptr<ServerLoop>> Start(httplib::Server& server, size_t threads);
  // Stops the server and joins its threads.
  ~ServerLoop();

 private:
  class Queue;
  enum class State { kStarting, kServing, kEnded };

  explicit ServerLoop(httplib::Server& server) : server_(server) {}
  bool Started() const ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_) { return state_ != State::kStarting; }
  void SetState(State state);

  httplib::Server& server_;
  absl::Mutex mutex_;
  State state_ ABSL_GUARDED_BY(mutex_) = State::kStarting;
  std::thread thread_;
};

}  // namespace eventlog

#endif  // EVENTLOG_SVC_HTTP_SERVER_LOOP_H_
