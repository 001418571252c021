// Notices that a command which goes on by itself is to end: SIGINT or SIGTERM, or nobody reads its output any more.

#ifndef PRODUCERS_CLI_END_WATCH_H_
#define PRODUCERS_CLI_END_WATCH_H_

#include <signal.h>

#include <functional>
#include <thread>

namespace eventlog {

// One per process at a time.
class EndWatch {
 public:
  // The signals wait from now on. Made before any other thread of the command, also those of gRPC, which must inherit
  // that: so before its first channel. SIGPIPE is ignored: a write that fails says so.
  EndWatch();
  EndWatch(const EndWatch&) = delete;
  EndWatch& operator=(const EndWatch&) = delete;
  ~EndWatch();

  // `on_end` is called once at most, on a thread of the watch, by the first signal or when the reader of the pipe
  // `output` has gone. A second signal ends the process as usual. Once.
  void Start(int output, std::function<void()> on_end);
  // `on_end` is not called afterwards: before what it uses is gone.
  void Stop();

 private:
  void Run(int output, const std::function<void()>& on_end);

  sigset_t signals_;
  sigset_t mask_before_;
  int signal_descriptor_ = -1;
  int stop_descriptor_ = -1;
  std::thread thread_;
};

}  // namespace eventlog

#endif  // PRODUCERS_CLI_END_WATCH_H_
