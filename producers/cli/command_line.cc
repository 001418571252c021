#include "producers/cli/command_line.h"

#include <algorithm>

#include "absl/strings/match.h"
#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"

namespace eventlog {

absl::StatusOr<CommandLine> CommandLine::Parse(const std::vector<std::string>& arguments,
                                               const std::vector<FlagSpec>& flags) {
  CommandLine line;
  for (size_t i = 0; i < arguments.size(); ++i) {
    const std::string& argument = arguments[i];
    if (!absl::StartsWith(argument, "--") || argument == "--") {
      line.words_.push_back(argument);
      continue;
    }
    const size_t equals = argument.find('=');
    const std::string name = argument.substr(2, equals == std::string::npos ? equals : equals - 2);
    const auto spec = std::find_if(flags.begin(), flags.end(), [&](const FlagSpec& flag) { return flag.name == name; });
    if (spec == flags.end()) return absl::InvalidArgumentError(absl::StrCat("--", name, " is not known; see --help"));
    if (equals != std::string::npos && spec->value.empty()) {
      return absl::InvalidArgumentError(absl::StrCat("--", name, " takes no value"));
    }
    std::string value;
    if (equals != std::string::npos) {
      value = argument.substr(equals + 1);
    } else if (!spec->value.empty()) {
      if (++i == arguments.size()) {
        return absl::InvalidArgumentError(absl::StrCat("--", name, " needs a value: ", spec->value));
      }
      value = arguments[i];
    }
    std::vector<std::string>& values = line.values_[name];
    if (!values.empty() && !spec->repeatable) {
      return absl::InvalidArgumentError(absl::StrCat("--", name, " is given twice"));
    }
    values.push_back(value);
  }
  return line;
}

std::string CommandLine::Help(const std::vector<FlagSpec>& flags) {
  std::string help;
  for (const FlagSpec& flag : flags) {
    const std::string left =
        flag.value.empty() ? absl::StrCat("--", flag.name) : absl::StrCat("--", flag.name, "=", flag.value);
    absl::StrAppendFormat(&help, "  %-28s %s%s\n", left, flag.help, flag.repeatable ? " (repeatable)" : "");
  }
  return help;
}

std::string CommandLine::Get(absl::string_view flag, absl::string_view otherwise) const {
  const auto found = values_.find(std::string(flag));
  return found == values_.end() ? std::string(otherwise) : found->second.front();
}

std::vector<std::string> CommandLine::GetAll(absl::string_view flag) const {
  const auto found = values_.find(std::string(flag));
  return found == values_.end() ? std::vector<std::string>() : found->second;
}

absl::StatusOr<int64_t> CommandLine::GetNumber(absl::string_view flag, int64_t otherwise, int64_t min) const {
  if (!Has(flag)) return otherwise;
  int64_t number = 0;
  if (!absl::SimpleAtoi(Get(flag), &number) || number < min) {
    return absl::InvalidArgumentError(
        absl::StrCat("--", flag, "=", Get(flag), ": right is a number of ", min, " or more"));
  }
  return number;
}

}  // namespace eventlog
