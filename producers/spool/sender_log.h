// Where a process without a terminal says what goes wrong: a file in the spool's folder, with a bound.

#ifndef PRODUCERS_SPOOL_SENDER_LOG_H_
#define PRODUCERS_SPOOL_SENDER_LOG_H_

#include <cstdint>
#include <string>

#include "absl/status/status.h"

namespace eventlog {

// For one thread. Several processes may write into one folder's log, line by line.
class SenderLog {
 public:
  static constexpr char kFileName[] = "sender.log";
  // What was there before the file was full; the one of before that is gone.
  static constexpr char kOldFileName[] = "sender.log.old";

  SenderLog(std::string folder, int64_t bytes_max);

  // Makes standard error the file's end. Also later, now and then: a file that has become larger than `bytes_max` is
  // set aside then, and a new one begins.
  absl::Status Redirect();

 private:
  const std::string path_;
  const std::string old_path_;
  const int64_t bytes_max_;
};

}  // namespace eventlog

#endif  // PRODUCERS_SPOOL_SENDER_LOG_H_
