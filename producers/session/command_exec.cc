#include "producers/session/command_exec.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <utility>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"
#include "absl/strings/strip.h"

extern char** environ;

namespace eventlog {
namespace {

// What the child could not do, as it goes through the pipe.
struct StartError {
  int error;
  bool folder;
};

std::vector<char*> Pointers(const std::vector<std::string>& texts) {
  std::vector<char*> pointers;
  pointers.reserve(texts.size() + 1);
  for (const std::string& text : texts) pointers.push_back(const_cast<char*>(text.c_str()));
  pointers.push_back(nullptr);
  return pointers;
}

absl::Status StartFailure(const std::string& program, int error) {
  const std::string what = absl::StrCat("cannot run \"", program, "\": ", std::strerror(error));
  if (error == ENOENT || error == ENOTDIR) return absl::NotFoundError(what);
  return absl::PermissionDeniedError(what);
}

// ENOENT, EACCES, or 0 where it can be run or only trying says.
int FindError(const std::string& path) {
  struct stat status;
  if (stat(path.c_str(), &status) != 0) return errno == ENOENT ? ENOENT : 0;
  return faccessat(AT_FDCWD, path.c_str(), X_OK, AT_EACCESS) == 0 && S_ISREG(status.st_mode) ? 0 : EACCES;
}

[[noreturn]] void Fail(int errors, bool folder) {
  const StartError error{errno, folder};
  const ssize_t written = write(errors, &error, sizeof(error));
  // Where it cannot be said, the exit code says it.
  _exit(written == sizeof(error) ? 127 : 126);
}

}  // namespace

std::vector<std::string> OwnEnvironment() {
  std::vector<std::string> all;
  for (char** variable = environ; variable != nullptr && *variable != nullptr; ++variable) all.emplace_back(*variable);
  return all;
}

int ShellExitCode(const absl::Status& status) { return absl::IsNotFound(status) ? 127 : 126; }

CommandExec::CommandExec(SessionCommand command)
    : command_(std::move(command)), argv_(Pointers(command_.argv)), environment_(Pointers(command_.environment)) {}

absl::Status CommandExec::CheckFound() const {
  const std::string& program = command_.argv[0];
  if (absl::StrContains(program, "/")) {
    // Where it is relative it is so to the command's folder.
    const int error = command_.folder.empty() || program[0] == '/' ? FindError(program) : 0;
    return error == 0 ? absl::OkStatus() : StartFailure(program, error);
  }
  const auto path = std::find_if(command_.environment.begin(), command_.environment.end(),
                                 [](const std::string& variable) { return absl::StartsWith(variable, "PATH="); });
  if (path == command_.environment.end()) return absl::OkStatus();
  int error = ENOENT;
  for (const absl::string_view folder : absl::StrSplit(absl::StripPrefix(*path, "PATH="), ':')) {
    const int here = FindError(absl::StrCat(folder.empty() ? "." : folder, "/", program));
    if (here == 0) return absl::OkStatus();
    if (here == EACCES) error = EACCES;
  }
  return StartFailure(program, error);
}

void CommandExec::Run(int errors, StartGate gate) const {
  if (gate.read >= 0) {
    close(gate.write);
    char open = 0;
    ssize_t size = 0;
    do {
      size = read(gate.read, &open, 1);
    } while (size < 0 && errno == EINTR);
    if (size != 1) _exit(126);
  }
  if (!command_.folder.empty() && chdir(command_.folder.c_str()) != 0) Fail(errors, true);
  sigprocmask(SIG_SETMASK, &command_.signal_mask, nullptr);
  environ = const_cast<char**>(environment_.data());
  execvp(argv_[0], argv_.data());
  Fail(errors, false);
}

absl::Status CommandExec::StartStatus(int errors) const {
  StartError error{0, false};
  ssize_t size = 0;
  do {
    size = read(errors, &error, sizeof(error));
  } while (size < 0 && errno == EINTR);
  if (size != sizeof(error)) return absl::OkStatus();
  if (error.folder) {
    return absl::FailedPreconditionError(
        absl::StrCat("cannot go to the folder \"", command_.folder, "\": ", std::strerror(error.error)));
  }
  return StartFailure(command_.argv[0], error.error);
}

}  // namespace eventlog
