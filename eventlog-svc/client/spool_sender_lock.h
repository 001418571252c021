// The right to send what is in a folder's spool; held by at most one object of all processes of the machine.
//
// flock(2) on a file of the folder: the kernel takes it back when the process ends, however it ends; but not before a
// child ends that was forked from it and runs no other program.

#ifndef EVENTLOG_SVC_CLIENT_SPOOL_SENDER_LOCK_H_
#define EVENTLOG_SVC_CLIENT_SPOOL_SENDER_LOCK_H_

#include <memory>
#include <string>
#include <utility>

#include "absl/status/statusor.h"

namespace eventlog {

// Any thread may take and free it.
class SpoolSenderLock {
 public:
  // Null when somebody else holds it. Does not wait. kNotFound when there is no such folder.
  static absl::StatusOr<std::unique_ptr<SpoolSenderLock>> TryTake(const std::string& folder);
  SpoolSenderLock(const SpoolSenderLock&) = delete;
  SpoolSenderLock& operator=(const SpoolSenderLock&) = delete;
  ~SpoolSenderLock();

  // Whether the file that it is on is still the folder's: in a folder that was removed, and made anew, it is no right.
  bool Current() const;

 private:
  SpoolSenderLock(std::string path, int descriptor) : path_(std::move(path)), descriptor_(descriptor) {}

  const std::string path_;
  const int descriptor_;
};

}  // namespace eventlog

#endif  // EVENTLOG_SVC_CLIENT_SPOOL_SENDER_LOCK_H_
