// A server under measurement: started as a process of its own, looked at through /proc, ended with SIGTERM.

#ifndef TESTS_BENCH_CHILD_PROCESS_H_
#define TESTS_BENCH_CHILD_PROCESS_H_

#include <sys/types.h>

#include <cstdint>
#include <string>
#include <thread>
#include <vector>

#include "absl/strings/string_view.h"
#include "absl/time/time.h"

namespace eventlog::bench {

// One child. Not thread safe. Dies with its parent.
class ChildProcess {
 public:
  // Starts argv[0] and waits for the line that has `ready` in it; crashes the benchmark with a message when its
  // standard output ends without. What the child says later is read and forgotten, so that it never waits for a reader.
  explicit ChildProcess(const std::vector<std::string>& argv, absl::string_view ready = "ready ");
  // SIGTERM, then waits; nothing to do after Kill.
  ~ChildProcess();
  ChildProcess(const ChildProcess&) = delete;
  ChildProcess& operator=(const ChildProcess&) = delete;

  // SIGKILL, then waits.
  void Kill();
  // The value of `key` in the ready line: "ready grpc=127.0.0.1:7431" has a key "grpc".
  std::string Address(absl::string_view key) const;
  // User and system time of the process so far.
  absl::Duration CpuTime() const;
  int64_t ResidentBytes() const;
  pid_t pid() const { return pid_; }

 private:
  void End(int signal);

  pid_t pid_ = 0;
  int output_ = -1;
  std::string ready_line_;
  std::thread drain_;
};

// Where a program of that name lies in PATH or, as servers do, in /usr/sbin; empty when nowhere.
std::string FindProgram(absl::string_view name);

}  // namespace eventlog::bench

#endif  // TESTS_BENCH_CHILD_PROCESS_H_
