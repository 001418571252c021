#include "producers/session/process_identity.h"

#include <poll.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <fstream>
#include <sstream>
#include <vector>

#include "absl/cleanup/cleanup.h"
#include "absl/strings/ascii.h"
#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"
#include "absl/time/clock.h"

namespace eventlog {
namespace {

// Fields of /proc/PID/stat behind the name, from 0: the state, and starttime, number 22 of proc(5).
constexpr size_t kState = 0;
constexpr size_t kStartTime = 19;

std::string ReadFile(const std::string& path) {
  std::ifstream file(path);
  std::ostringstream text;
  text << file.rdbuf();
  return text.str();
}

// A descriptor of that very process; below 0 when it has ended. Once it is open the number cannot be another's.
int OpenProcess(pid_t pid, int64_t start_time) {
  const int process = static_cast<int>(syscall(SYS_pidfd_open, pid, 0));
  if (process >= 0 && (start_time == 0 || StartTime(pid) != start_time)) {
    close(process);
    return -1;
  }
  return process;
}

}  // namespace

int64_t StartTimeOfStat(absl::string_view stat) {
  // The name is in parentheses and may hold anything, parentheses too.
  const size_t name_end = stat.rfind(')');
  if (name_end == absl::string_view::npos) return 0;
  const std::vector<absl::string_view> fields = absl::StrSplit(stat.substr(name_end + 1), ' ', absl::SkipWhitespace());
  int64_t start_time = 0;
  if (fields.size() <= kStartTime || fields[kState] == "Z" || fields[kState] == "X") return 0;
  return absl::SimpleAtoi(fields[kStartTime], &start_time) ? start_time : 0;
}

int64_t StartTime(pid_t pid) { return pid <= 0 ? 0 : StartTimeOfStat(ReadFile(absl::StrCat("/proc/", pid, "/stat"))); }

std::string BootId() { return std::string(absl::StripAsciiWhitespace(ReadFile("/proc/sys/kernel/random/boot_id"))); }

absl::Status SignalProcess(pid_t pid, int64_t start_time, int signal) {
  const int process = OpenProcess(pid, start_time);
  if (process < 0) return absl::NotFoundError(absl::StrCat("process ", pid, " has ended"));
  const absl::Cleanup close_process = [&] { close(process); };
  if (syscall(SYS_pidfd_send_signal, process, signal, nullptr, 0) == 0) return absl::OkStatus();
  return absl::ErrnoToStatus(errno, absl::StrCat("signal ", signal, " to process ", pid));
}

bool WaitForEnd(pid_t pid, int64_t start_time, int stop, absl::Duration patience) {
  const int process = OpenProcess(pid, start_time);
  if (process < 0) return true;
  const absl::Cleanup close_process = [&] { close(process); };
  const absl::Time deadline = absl::Now() + patience;
  pollfd ready[] = {{process, POLLIN, 0}, {stop, POLLIN, 0}};
  while (true) {
    const int64_t left_ms = absl::ToInt64Milliseconds(std::max(absl::ZeroDuration(), deadline - absl::Now()));
    const int count = poll(ready, 2, static_cast<int>(std::min<int64_t>(left_ms, 60'000)));
    if (count > 0) return (ready[0].revents & POLLIN) != 0;
    if (count == 0 && absl::Now() >= deadline) return false;
    if (count < 0 && errno != EINTR) return false;
  }
}

}  // namespace eventlog
