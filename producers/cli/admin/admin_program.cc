#include "producers/cli/admin/admin_program.h"

#include <unistd.h>

#include <cerrno>
#include <cstdlib>
#include <filesystem>
#include <system_error>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"

namespace eventlog {
namespace {

bool IsProgram(const std::string& path) {
  std::error_code error;
  return std::filesystem::is_regular_file(path, error) && access(path.c_str(), X_OK) == 0;
}

}  // namespace

absl::StatusOr<std::string> FindAdminProgram(const std::string& program, const std::string& path) {
  const std::string folder = std::filesystem::path(program).parent_path();
  for (const std::string& place : {absl::StrCat(folder, "/", kAdminProgram),
                                   absl::StrCat(program, ".runfiles/eventlog/eventlog-svc/tool/", kAdminProgram),
                                   absl::StrCat(folder, "/../../eventlog-svc/tool/", kAdminProgram)}) {
    if (IsProgram(place)) return place;
  }
  for (const absl::string_view one : absl::StrSplit(path, ':', absl::SkipEmpty())) {
    const std::string place = absl::StrCat(one, "/", kAdminProgram);
    if (IsProgram(place)) return place;
  }
  return absl::NotFoundError(absl::StrCat("the program ", kAdminProgram, ", which reads stored logs, is neither in ",
                                          folder, " nor in PATH; right is to put it beside this one"));
}

absl::Status BecomeAdminProgram(const std::vector<std::string>& arguments) {
  std::error_code error;
  const std::string self = std::filesystem::read_symlink("/proc/self/exe", error);
  const char* const path = std::getenv("PATH");
  const absl::StatusOr<std::string> program = FindAdminProgram(self, path == nullptr ? "" : path);
  if (!program.ok()) return program.status();
  std::string name = kAdminProgram;
  std::vector<std::string> words = arguments;
  std::vector<char*> argv = {name.data()};
  for (std::string& word : words) argv.push_back(word.data());
  argv.push_back(nullptr);
  execv(program->c_str(), argv.data());
  return absl::ErrnoToStatus(errno, absl::StrCat("cannot run ", *program));
}

}  // namespace eventlog
