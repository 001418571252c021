#include "producers/spool/detached_process.h"

#include <fcntl.h>
#include <signal.h>
#include <sys/stat.h>
#include <sys/types.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cerrno>
#include <climits>

#include "absl/strings/str_cat.h"
#include "producers/spool/fork_without_handlers.h"

extern char** environ;

namespace eventlog {
namespace {

constexpr char kThisProgram[] = "/proc/self/exe";
// Where the pipe that tells of a failed exec is in the child: behind the standard streams.
constexpr int kFailureDescriptor = 3;

absl::Status Failure(const char* what, int error) {
  return absl::ErrnoToStatus(error, absl::StrCat("a process of its own cannot be started: ", what));
}

// From here on until exec there is a copy of one thread of maybe many: only calls that are safe in a signal handler.
[[noreturn]] void Fail(int failure_pipe) {
  const int error = errno;
  [[maybe_unused]] const ssize_t written = write(failure_pipe, &error, sizeof(error));
  _exit(1);
}

void ResetSignals() {
  struct sigaction standard = {};
  standard.sa_handler = SIG_DFL;
  for (int signal = 1; signal < NSIG; ++signal) sigaction(signal, &standard, nullptr);
  sigset_t none;
  sigemptyset(&none);
  sigprocmask(SIG_SETMASK, &none, nullptr);
}

[[noreturn]] void BecomeProgram(char* const* arguments, int failure_pipe) {
  if (setsid() < 0) Fail(failure_pipe);
  // The leader of a session could get a terminal; its child cannot.
  const pid_t child = ForkWithoutHandlers();
  if (child < 0) Fail(failure_pipe);
  if (child > 0) _exit(0);
  ResetSignals();
  umask(077);
  // The pipe away from the places that the standard streams get, if it is there.
  const int pipe = fcntl(failure_pipe, F_DUPFD_CLOEXEC, kFailureDescriptor);
  if (pipe < 0) _exit(1);
  if (chdir("/") < 0) Fail(pipe);
  const int null = open("/dev/null", O_RDWR);
  if (null < 0) Fail(pipe);
  for (int stream = 0; stream < kFailureDescriptor; ++stream) {
    if (dup2(null, stream) < 0) Fail(pipe);
  }
  if (pipe != kFailureDescriptor && dup3(pipe, kFailureDescriptor, O_CLOEXEC) < 0) Fail(pipe);
  if (close_range(kFailureDescriptor + 1, UINT_MAX, 0) < 0) Fail(kFailureDescriptor);
  execve(kThisProgram, arguments, environ);
  Fail(kFailureDescriptor);
}

void AwaitChild(pid_t child) {
  // ECHILD: somebody else in this program waits for all children, or wants to hear of none.
  while (waitpid(child, nullptr, 0) < 0 && errno == EINTR) {
  }
}

// 0 when the pipe ended without a word: the program is in place.
int ReadFailure(int pipe) {
  int error = 0;
  ssize_t size;
  do {
    size = read(pipe, &error, sizeof(error));
  } while (size < 0 && errno == EINTR);
  if (size < 0) return errno;
  return size == sizeof(error) ? error : 0;
}

}  // namespace

absl::Status StartDetached(const std::vector<std::string>& arguments) {
  // Prepared before the fork: nothing is allocated behind it.
  char path[PATH_MAX];
  const ssize_t size = readlink(kThisProgram, path, sizeof(path) - 1);
  if (size < 0) return Failure(kThisProgram, errno);
  path[size] = '\0';
  std::vector<char*> words = {path};
  for (const std::string& argument : arguments) words.push_back(const_cast<char*>(argument.c_str()));
  words.push_back(nullptr);
  int failure[2];
  if (pipe2(failure, O_CLOEXEC) < 0) return Failure("pipe", errno);
  const pid_t child = ForkWithoutHandlers();
  if (child == 0) BecomeProgram(words.data(), failure[1]);
  const int fork_error = errno;
  close(failure[1]);
  if (child < 0) {
    close(failure[0]);
    return Failure("fork", fork_error);
  }
  AwaitChild(child);
  const int error = ReadFailure(failure[0]);
  close(failure[0]);
  return error == 0 ? absl::OkStatus() : Failure("exec", error);
}

}  // namespace eventlog
