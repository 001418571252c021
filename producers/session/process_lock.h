// A lock between processes, on a file.
//
// flock(2): the kernel takes it back when the process ends, however it ends. Any thread may take and free it.

#ifndef PRODUCERS_SESSION_PROCESS_LOCK_H_
#define PRODUCERS_SESSION_PROCESS_LOCK_H_

#include <memory>
#include <string>

#include "absl/status/statusor.h"

namespace eventlog {

class ProcessLock {
 public:
  // The file is made where it is missing. Nothing when another object of any process holds it.
  static absl::StatusOr<std::unique_ptr<ProcessLock>> TryTake(const std::string& path);
  // Waits for it.
  static absl::StatusOr<std::unique_ptr<ProcessLock>> Take(const std::string& path);
  ~ProcessLock();
  ProcessLock(const ProcessLock&) = delete;
  ProcessLock& operator=(const ProcessLock&) = delete;

 private:
  explicit ProcessLock(int descriptor) : descriptor_(descriptor) {}
  const int descriptor_;
};

}  // namespace eventlog

#endif  // PRODUCERS_SESSION_PROCESS_LOCK_H_
