#include "producers/session/sessiond_launch.h"

#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <spawn.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <climits>
#include <cstring>

#include "absl/cleanup/cleanup.h"
#include "absl/status/status.h"
#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/time/clock.h"
#include "producers/session/process_lock.h"

namespace eventlog {
namespace {

constexpr off_t kLogBytesMax = 1024 * 1024;

// Starts the program with its standard output on `output`; 0 or an error number.
int Spawn(const SessiondLaunchOptions& options, int output) {
  struct stat log;
  const bool full = stat(options.log_path.c_str(), &log) == 0 && log.st_size > kLogBytesMax;
  posix_spawn_file_actions_t actions;
  posix_spawn_file_actions_init(&actions);
  posix_spawn_file_actions_adddup2(&actions, output, STDOUT_FILENO);
  posix_spawn_file_actions_addopen(&actions, STDIN_FILENO, "/dev/null", O_RDONLY, 0);
  posix_spawn_file_actions_addopen(&actions, STDERR_FILENO, options.log_path.c_str(),
                                   O_WRONLY | O_CREAT | O_APPEND | (full ? O_TRUNC : 0), 0600);
  posix_spawn_file_actions_addclosefrom_np(&actions, STDERR_FILENO + 1);
  posix_spawn_file_actions_addchdir_np(&actions, "/");
  posix_spawnattr_t attributes;
  posix_spawnattr_init(&attributes);
  sigset_t none;
  sigset_t all;
  sigemptyset(&none);
  sigfillset(&all);
  posix_spawnattr_setsigmask(&attributes, &none);
  posix_spawnattr_setsigdefault(&attributes, &all);
  posix_spawnattr_setflags(&attributes,
                           static_cast<short>(POSIX_SPAWN_SETSID | POSIX_SPAWN_SETSIGMASK | POSIX_SPAWN_SETSIGDEF));
  const std::string socket = absl::StrCat("--socket=", options.socket_path);
  char* const arguments[] = {const_cast<char*>(options.program.c_str()), const_cast<char*>(socket.c_str()), nullptr};
  pid_t pid = 0;
  const int error = posix_spawn(&pid, options.program.c_str(), &actions, &attributes, arguments, environ);
  posix_spawnattr_destroy(&attributes);
  posix_spawn_file_actions_destroy(&actions);
  return error;
}

// Whether the ready line came; not when the output ended before, or the time.
bool AwaitReady(int output, absl::Time deadline) {
  std::string text;
  while (absl::Now() < deadline) {
    const int64_t left = absl::ToInt64Milliseconds(deadline - absl::Now()) + 1;
    pollfd ready[] = {{output, POLLIN, 0}};
    if (poll(ready, 1, static_cast<int>(std::min<int64_t>(left, 60'000))) <= 0) continue;
    char buffer[512];
    const ssize_t size = read(output, buffer, sizeof(buffer));
    if (size < 0 && errno == EINTR) continue;
    if (size <= 0) return false;
    text.append(buffer, static_cast<size_t>(size));
    if (absl::StrContains(text, '\n')) return absl::StartsWith(text, "ready ");
  }
  return false;
}

}  // namespace

std::string SessiondProgram() {
  char path[PATH_MAX];
  const ssize_t size = readlink("/proc/self/exe", path, sizeof(path));
  const std::string self(path, static_cast<size_t>(std::max<ssize_t>(0, size)));
  return absl::StrCat(self.substr(0, self.rfind('/') + 1), "sessiond");
}

absl::StatusOr<std::unique_ptr<SessiondClient>> ConnectOrLaunch(const SessiondLaunchOptions& options) {
  absl::StatusOr<std::unique_ptr<SessiondClient>> client = SessiondClient::Connect(options.socket_path);
  if (!absl::IsNotFound(client.status())) return client;
  // Who waits for the lock finds the sessiond of the one who had it.
  const absl::StatusOr<std::unique_ptr<ProcessLock>> lock = ProcessLock::Take(options.socket_path + ".start");
  if (!lock.ok()) return lock.status();
  client = SessiondClient::Connect(options.socket_path);
  if (!absl::IsNotFound(client.status())) return client;
  int output[2];
  if (pipe2(output, O_CLOEXEC) != 0) return absl::ErrnoToStatus(errno, "no pipe");
  const absl::Cleanup close_output = [&] { close(output[0]); };
  const int error = Spawn(options, output[1]);
  close(output[1]);
  if (error != 0) {
    return absl::UnavailableError(absl::StrCat("cannot start sessiond, ", options.program, ": ", std::strerror(error)));
  }
  const bool ready = AwaitReady(output[0], absl::Now() + options.patience);
  // Also where it was not ready: another one, started by hand, may have the socket.
  client = SessiondClient::Connect(options.socket_path);
  if (client.ok() || ready) return client;
  return absl::UnavailableError(absl::StrCat("sessiond does not come up; see ", options.log_path));
}

}  // namespace eventlog
