#include "eventlog-svc/tool/command_flags.h"

#include <algorithm>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "absl/strings/strip.h"

namespace eventlog {
namespace {

// "a, b and c"
std::string JoinWords(const std::vector<std::string>& words, absl::string_view last) {
  if (words.size() < 2) return absl::StrJoin(words, "");
  return absl::StrCat(absl::StrJoin(words.begin(), words.end() - 1, ", "), " ", last, " ", words.back());
}

bool Has(const CommandFlags& command, absl::string_view flag) {
  return std::find(command.flags.begin(), command.flags.end(), flag) != command.flags.end();
}

// The name in --name=value, -name, --noname; empty where the argument is no flag of any command.
std::string FlagOf(const std::vector<CommandFlags>& all, absl::string_view argument) {
  if (!absl::ConsumePrefix(&argument, "-")) return "";
  absl::ConsumePrefix(&argument, "-");
  const absl::string_view name = argument.substr(0, argument.find('='));
  absl::string_view positive = name;
  absl::ConsumePrefix(&positive, "no");
  for (const absl::string_view flag : {name, positive}) {
    if (std::any_of(all.begin(), all.end(), [&](const CommandFlags& command) { return Has(command, flag); })) {
      return std::string(flag);
    }
  }
  return "";
}

}  // namespace

absl::Status CheckCommandFlags(const std::vector<CommandFlags>& all, absl::string_view command,
                               const std::vector<std::string>& arguments) {
  const auto own =
      std::find_if(all.begin(), all.end(), [&](const CommandFlags& one) { return one.command == command; });
  if (own == all.end()) {
    std::vector<std::string> names;
    for (const CommandFlags& one : all) names.push_back(one.command);
    return absl::InvalidArgumentError(
        absl::StrCat("\"", command, "\" is no command; right is ", JoinWords(names, "or"), "; see --help"));
  }
  for (const std::string& argument : arguments) {
    const std::string flag = FlagOf(all, argument);
    if (flag.empty() || Has(*own, flag)) continue;
    std::vector<std::string> right;
    for (const std::string& name : own->flags) right.push_back(absl::StrCat("--", name));
    return absl::InvalidArgumentError(
        absl::StrCat(command, " takes no --", flag, "; right is ", JoinWords(right, "and"), "; see --help"));
  }
  return absl::OkStatus();
}

}  // namespace eventlog
