// The real eventlog-svc as a child process that is killed: by whoever started it, or at one of its own system calls.

#ifndef TESTS_CRASH_KILLED_SERVICE_H_
#define TESTS_CRASH_KILLED_SERVICE_H_

#include <sys/types.h>

#include <cstdint>
#include <optional>
#include <string>
#include <thread>

#include "absl/base/thread_annotations.h"
#include "absl/synchronization/mutex.h"
#include "absl/time/time.h"

namespace eventlog {

struct KilledServiceOptions {
  std::string data_dir;
  // Where its standard error goes; what was there of an earlier life is gone.
  std::string error_path;
  // As killing_calls.cc takes it: "CALL N WHEN". Empty: it is killed by nobody but Kill.
  std::string kill_point;
  int64_t segment_bytes = 16 * 1024;
};

// One life of the service. Used by one thread, which must live as long as the child. Crashes the test when the program
// cannot be started or hangs.
class KilledService {
 public:
  explicit KilledService(const KilledServiceOptions& options);
  // Kills it.
  ~KilledService();
  KilledService(const KilledService&) = delete;
  KilledService& operator=(const KilledService&) = delete;

  // Waits for the ready line and gives the address of its gRPC service; nothing when the process ended before.
  std::optional<std::string> Ready();
  // Waits until it has ended by itself, but not longer than this. Whether it has.
  bool WaitForEnd(absl::Duration patience);
  // SIGKILL, where it still runs, and waits for its end.
  void Kill();
  // SIGTERM and its exit code; -1 when it did not end by itself.
  int Stop();
  // Whether its kill point killed it. After its end only, as the next one.
  bool died_at_point() const;
  // Whether SIGKILL ended it: it did not crash before, nor end by itself.
  bool was_killed() const { return was_killed_; }

 private:
  int End(int signal);
  void Listen();
  bool ended_or_ready() const ABSL_SHARED_LOCKS_REQUIRED(mutex_) { return ended_ || !address_.empty(); }
  bool ended() const ABSL_SHARED_LOCKS_REQUIRED(mutex_) { return ended_; }

  pid_t pid_ = 0;
  int output_ = -1;
  bool was_killed_ = false;
  mutable absl::Mutex mutex_;
  std::string address_ ABSL_GUARDED_BY(mutex_);
  bool ended_ ABSL_GUARDED_BY(mutex_) = false;
  bool died_at_point_ ABSL_GUARDED_BY(mutex_) = false;
  std::thread listener_;
};

}  // namespace eventlog

#endif  // TESTS_CRASH_KILLED_SERVICE_H_
