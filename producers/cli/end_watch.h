// Notices that a command which goes on by itself is to end: SIGINT or SIGTERM, or nobody reads its output any more.

#ifndef PRODUCERS_CLI_END_WATCH_H_
#define PRODUCERS_CLI_END_WATCH_H_

#include <signal.h>

#include <functional>
#include <thread>

namespace eventlog {

// Of one per process at a time. Made before any other thread of the command, which must inherit that the signals are
// blocked: they come here.
class EndWatch {
 public:
  // `on_end` is called once at most, on a thread of the watch, by the first signal or when the reader of the pipe
  // `output` has gone. A second signal ends the process as usual. From now on SIGPIPE is ignored: a write that fails
  // says so.
  EndWatch(int output, std::function<void()> on_end);
  EndWatch(const EndWatch&) = delete;
  EndWatch& operator=(const EndWatch&) = delete;
  ~EndWatch();

 private:
  void Run();

  const int output_;
  const std::function<void()> on_end_;
  sigset_t signals_;
  sigset_t mask_before_;
  int signal_descriptor_ = -1;
  int stop_descriptor_ = -1;
  std::thread thread_;
};

}  // namespace eventlog

#endif  // PRODUCERS_CLI_END_WATCH_H_
