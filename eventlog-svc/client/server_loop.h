// The accepting loop of an HTTP server, on a thread of its own.

#ifndef EVENTLOG_SVC_CLIENT_SERVER_LOOP_H_
#define EVENTLOG_SVC_CLIENT_SERVER_LOOP_H_

#include <cstddef>
#include <functional>
#include <memory>
#include <thread>
#include <utility>

#include "absl/base/thread_annotations.h"
#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/synchronization/mutex.h"

namespace httplib {
class Server;
}

namespace eventlog {

// Start and destruction from one thread.
//
// The library closes its socket and ends its loop at the first accept that fails for want of anything but file
// descriptors, as memory. The loop then binds anew and goes on.
class ServerLoop {
 public:
  // Serves what `server`, which is bound and must outlive it, listens to, with `threads` threads. Returns when the loop
  // waits for connections; kUnavailable when it ended instead. `bind_again` is called on the loop's thread, until it
  // says that the server is bound to its old address.
  static absl::StatusOr<std::unique_ptr<ServerLoop>> Start(httplib::Server& server, size_t threads,
                                                           std::function<bool()> bind_again);
  // Stops the server and joins its threads.
  ~ServerLoop();
  // Called when the server has stopped accepting, before its threads are joined: the library waits for each byte of a
  // request anew, so that one which comes slowly would hold them.
  void set_end_connections(std::function<void()> end) { end_connections_ = std::move(end); }

 private:
  class Queue;
  enum class State { kStarting, kServing, kLost, kEnded };

  ServerLoop(httplib::Server& server, std::function<bool()> bind_again)
      : server_(server), bind_again_(std::move(bind_again)) {}
  void Run();
  // After the loop has ended by itself. False: it is to end.
  bool BindAgain();
  bool Started() const ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_) { return state_ != State::kStarting; }
  void SetState(State state);

  httplib::Server& server_;
  const std::function<bool()> bind_again_;
  std::function<void()> end_connections_ = [] {};
  absl::Mutex mutex_;
  State state_ ABSL_GUARDED_BY(mutex_) = State::kStarting;
  bool stopping_ ABSL_GUARDED_BY(mutex_) = false;
  std::thread thread_;
};

}  // namespace eventlog

#endif  // EVENTLOG_SVC_CLIENT_SERVER_LOOP_H_
