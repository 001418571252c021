#include "tests/crash/killed_service.h"

#include <fcntl.h>
#include <signal.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

#include <fstream>
#include <vector>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"
#include "absl/strings/strip.h"
#include "glog/logging.h"

namespace eventlog {
namespace {

constexpr char kProgram[] = "eventlog-svc/eventlog-svc";
// Only a service that hangs takes so long to be ready or gone, also where it gets little of the machine.
constexpr absl::Duration kPatience = absl::Minutes(5);
constexpr char kLibrary[] = "tests/crash/killing_calls.so";

// The state of the process and the time it had, as proc(5) writes them.
std::string Stat(pid_t pid) {
  std::ifstream file(absl::StrCat("/proc/", pid, "/stat"));
  std::string line;
  std::getline(file, line);
  return line;
}

std::vector<char*> Pointers(std::vector<std::string>& words) {
  std::vector<char*> pointers;
  for (std::string& word : words) pointers.push_back(word.data());
  pointers.push_back(nullptr);
  return pointers;
}

}  // namespace

KilledService::KilledService(const KilledServiceOptions& options) {
  std::vector<std::string> arguments = {kProgram, "--listen=127.0.0.1:0", "--http_listen=127.0.0.1:0",
                                        absl::StrCat("--data_dir=", options.data_dir),
                                        absl::StrCat("--segment_bytes=", options.segment_bytes)};
  std::vector<std::string> environment = {absl::StrCat("KILL_POINT=", options.kill_point)};
  if (!options.kill_point.empty()) environment.push_back(absl::StrCat("LD_PRELOAD=", kLibrary));
  // Made before the fork: behind it nothing may allocate.
  const std::vector<char*> argv = Pointers(arguments), envp = Pointers(environment);
  const int error_file = open(options.error_path.c_str(), O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0640);
  PCHECK(error_file >= 0) << options.error_path;
  int pipe_ends[2];
  PCHECK(pipe2(pipe_ends, O_CLOEXEC) == 0);
  pid_ = fork();
  PCHECK(pid_ >= 0);
  if (pid_ == 0) {
    prctl(PR_SET_PDEATHSIG, SIGKILL);
    dup2(pipe_ends[1], STDOUT_FILENO);
    dup2(error_file, STDERR_FILENO);
    execve(kProgram, argv.data(), envp.data());
    _exit(127);
  }
  close(pipe_ends[1]);
  close(error_file);
  output_ = pipe_ends[0];
  std::thread([this] { Listen(); }).swap(listener_);
}

KilledService::~KilledService() { Kill(); }

void KilledService::Kill() { End(SIGKILL); }

int KilledService::Stop() { return End(SIGTERM); }

int KilledService::End(int signal) {
  if (!listener_.joinable()) return -1;
  kill(pid_, signal);
  int status = 0;
  PCHECK(waitpid(pid_, &status, 0) == pid_);
  was_killed_ = WIFSIGNALED(status) && WTERMSIG(status) == SIGKILL;
  listener_.join();
  close(output_);
  return WIFEXITED(status) ? WEXITSTATUS(status) : -1;
}

void KilledService::Listen() {
  std::string said;
  char chunk[256];
  for (ssize_t count = 0; (count = read(output_, chunk, sizeof(chunk))) > 0;) {
    said.append(chunk, static_cast<size_t>(count));
    for (size_t end = 0; (end = said.find('\n')) != std::string::npos; said.erase(0, end + 1)) {
      const absl::MutexLock lock(&mutex_);
      const std::string line = said.substr(0, end);
      if (line == "killed") died_at_point_ = true;
      for (absl::string_view word : absl::StrSplit(line, ' ')) {
        if (absl::ConsumePrefix(&word, "grpc=")) address_ = std::string(word);
      }
    }
  }
  const absl::MutexLock lock(&mutex_);
  ended_ = true;
}

std::optional<std::string> KilledService::Ready() {
  const absl::MutexLock lock(&mutex_);
  CHECK(mutex_.AwaitWithTimeout(absl::Condition(this, &KilledService::ended_or_ready), kPatience))
      << "the service is neither ready nor gone: " << Stat(pid_);
  return address_.empty() ? std::nullopt : std::optional<std::string>(address_);
}

bool KilledService::WaitForEnd(absl::Duration patience) {
  const absl::MutexLock lock(&mutex_);
  return mutex_.AwaitWithTimeout(absl::Condition(this, &KilledService::ended), patience);
}

bool KilledService::died_at_point() const {
  const absl::MutexLock lock(&mutex_);
  return died_at_point_;
}

}  // namespace eventlog
