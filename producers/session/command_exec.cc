#include "producers/session/command_exec.h"

#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstring>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"

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

[[noreturn]] void Fail(int errors, bool folder) {
  const StartError error{errno, folder};
  const ssize_t written = write(errors, &error, sizeof(error));
  // Where it cannot be said, the exit code says it.
  _exit(written == sizeof(error) ? 127 : 126);
}

}  // namespace

std::vector<std::string> EnvironmentWith(const std::vector<std::pair<std::string, std::string>>& additions) {
  std::vector<std::string> all;
  for (char** variable = environ; variable != nullptr && *variable != nullptr; ++variable) {
    const bool replaced = std::any_of(additions.begin(), additions.end(), [&](const auto& addition) {
      return absl::StartsWith(*variable, absl::StrCat(addition.first, "="));
    });
    if (!replaced) all.emplace_back(*variable);
  }
  for (const auto& [name, value] : additions) all.push_back(absl::StrCat(name, "=", value));
  return all;
}

int ShellExitCode(const absl::Status& status) { return absl::IsNotFound(status) ? 127 : 126; }

CommandExec::CommandExec(SessionCommand command)
    : command_(std::move(command)), argv_(Pointers(command_.argv)), environment_(Pointers(command_.environment)) {}

void CommandExec::Run(int errors) const {
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
  const std::string what = absl::StrCat("cannot run \"", command_.argv[0], "\": ", std::strerror(error.error));
  if (error.error == ENOENT || error.error == ENOTDIR) return absl::NotFoundError(what);
  return absl::PermissionDeniedError(what);
}

}  // namespace eventlog
