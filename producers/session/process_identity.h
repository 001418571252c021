// Which process is meant by a number, also after it was given to another: a process is its machine, the machine's boot,
// its number and the time of its start.

#ifndef PRODUCERS_SESSION_PROCESS_IDENTITY_H_
#define PRODUCERS_SESSION_PROCESS_IDENTITY_H_

#include <sys/types.h>

#include <cstdint>
#include <string>

#include "absl/status/status.h"
#include "absl/strings/string_view.h"
#include "absl/time/time.h"

namespace eventlog {

// When a process started, in clock ticks since the boot; 0 when there is no such process, or it is a zombie. From the
// text of /proc/PID/stat, which names no other process by accident.
int64_t StartTime(pid_t pid);
int64_t StartTimeOfStat(absl::string_view stat);

// New at each boot; empty where the kernel does not say.
std::string BootId();

// Sends a signal to that very process, or to nobody. kNotFound when it has ended.
absl::Status SignalProcess(pid_t pid, int64_t start_time, int signal);
// Waits until that very process has ended, `stop` is readable (-1: never), or `patience` is over. Whether it has ended.
bool WaitForEnd(pid_t pid, int64_t start_time, int stop, absl::Duration patience);

}  // namespace eventlog

#endif  // PRODUCERS_SESSION_PROCESS_IDENTITY_H_
