// The processor time of the service that a load goes to, where it runs on this machine and may be looked at.

#ifndef PRODUCERS_LOAD_SERVICE_PROCESS_H_
#define PRODUCERS_LOAD_SERVICE_PROCESS_H_

#include <sys/types.h>

#include <optional>
#include <string>

#include "absl/strings/string_view.h"
#include "absl/time/time.h"

namespace eventlog {

// The process that listens at HOST:PORT, by /proc; nothing when the host is no loopback address, when there are
// several addresses, or when the process is another user's.
std::optional<pid_t> FindListener(const std::string& address);

// User and system time of a process and all its threads; nothing when it is gone.
std::optional<absl::Duration> ProcessorTime(pid_t pid);

}  // namespace eventlog

#endif  // PRODUCERS_LOAD_SERVICE_PROCESS_H_
