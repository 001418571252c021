#include "tests/bench/child_process.h"

#include <fcntl.h>
#include <signal.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include <cstdlib>
#include <fstream>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"
#include "absl/strings/strip.h"
#include "glog/logging.h"

namespace eventlog::bench {

ChildProcess::ChildProcess(const std::vector<std::string>& argv, absl::string_view ready) {
  std::vector<char*> arguments;
  for (const std::string& argument : argv) arguments.push_back(const_cast<char*>(argument.c_str()));
  arguments.push_back(nullptr);
  int pipe_ends[2];
  PCHECK(pipe2(pipe_ends, O_CLOEXEC) == 0);
  pid_ = fork();
  PCHECK(pid_ >= 0);
  if (pid_ == 0) {
    prctl(PR_SET_PDEATHSIG, SIGKILL);
    dup2(pipe_ends[1], STDOUT_FILENO);
    execv(arguments[0], arguments.data());
    _exit(127);
  }
  close(pipe_ends[1]);
  output_ = pipe_ends[0];
  std::string said;
  while (!absl::StrContains(ready_line_, ready)) {
    absl::StrAppend(&said, ready_line_, "\n");
    ready_line_.clear();
    char byte = 0;
    while (read(output_, &byte, 1) == 1 && byte != '\n') ready_line_.push_back(byte);
    CHECK(byte == '\n') << argv[0] << " did not become ready; it said: " << said << ready_line_;
  }
  std::thread([fd = output_] {
    char chunk[4096];
    while (read(fd, chunk, sizeof(chunk)) > 0) {
    }
  }).swap(drain_);
}

ChildProcess::~ChildProcess() { End(SIGTERM); }

void ChildProcess::Kill() { End(SIGKILL); }

void ChildProcess::End(int signal) {
  if (!drain_.joinable()) return;
  kill(pid_, signal);
  waitpid(pid_, nullptr, 0);
  drain_.join();
  close(output_);
}

std::string ChildProcess::Address(absl::string_view key) const {
  for (absl::string_view part : absl::StrSplit(ready_line_, ' ')) {
    if (absl::ConsumePrefix(&part, absl::StrCat(key, "="))) return std::string(part);
  }
  LOG(FATAL) << "no " << key << " in: " << ready_line_;
}

absl::Duration ChildProcess::CpuTime() const {
  clockid_t clock{};
  timespec time{};
  PCHECK(clock_getcpuclockid(pid_, &clock) == 0 && clock_gettime(clock, &time) == 0);
  return absl::DurationFromTimespec(time);
}

int64_t ChildProcess::ResidentBytes() const {
  std::ifstream file(absl::StrCat("/proc/", pid_, "/statm"));
  int64_t total = 0, resident = 0;
  file >> total >> resident;
  return resident * sysconf(_SC_PAGESIZE);
}

std::string FindProgram(absl::string_view name) {
  const char* const path = std::getenv("PATH");
  const std::string folders = absl::StrCat(path == nullptr ? "/usr/bin" : path, ":/usr/sbin");
  for (const absl::string_view folder : absl::StrSplit(folders, ':')) {
    const std::string program = absl::StrCat(folder, "/", name);
    if (access(program.c_str(), X_OK) == 0) return program;
  }
  return "";
}

}  // namespace eventlog::bench
