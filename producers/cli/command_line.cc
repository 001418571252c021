#include "producers/cli/command_line.h"

#include <algorithm>
#include <cstddef>

#include "absl/strings/match.h"
#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"
#include "absl/strings/str_join.h"
#include "absl/strings/str_replace.h"
#include "absl/strings/str_split.h"

namespace eventlog {
namespace {

bool IsFlag(const std::string& argument) { return argument.size() > 1 && argument[0] == '-'; }

}  // namespace

absl::StatusOr<CommandLine> CommandLine::Parse(const std::vector<std::string>& arguments,
                                               const std::vector<FlagSpec>& flags) {
  CommandLine line;
  for (size_t at = 0; at < arguments.size(); ++at) {
    if (arguments[at] == "--") {
      line.words_.insert(line.words_.end(), arguments.begin() + static_cast<std::ptrdiff_t>(at) + 1, arguments.end());
      break;
    }
    if (!IsFlag(arguments[at])) {
      line.words_.push_back(arguments[at]);
      continue;
    }
    const absl::Status taken = line.TakeFlag(arguments, flags, at);
    if (!taken.ok()) return taken;
  }
  return line;
}

absl::StatusOr<CommandLine> CommandLine::ParseLeading(const std::vector<std::string>& arguments,
                                                      const std::vector<FlagSpec>& flags, size_t& used) {
  CommandLine line;
  for (used = 0; used < arguments.size() && IsFlag(arguments[used]) && arguments[used] != "--"; ++used) {
    const absl::Status taken = line.TakeFlag(arguments, flags, used);
    if (!taken.ok()) return taken;
  }
  return line;
}

absl::Status CommandLine::TakeFlag(const std::vector<std::string>& arguments, const std::vector<FlagSpec>& flags,
                                   size_t& at) {
  const std::string& argument = arguments[at];
  if (!absl::StartsWith(argument, "--")) return TakeLetter(arguments, flags, at);
  const size_t equals = argument.find('=');
  const std::string name = argument.substr(2, equals == std::string::npos ? equals : equals - 2);
  const auto spec =
      std::find_if(flags.begin(), flags.end(), [&](const FlagSpec& flag) { return flag.name == FlagName(name); });
  if (spec == flags.end()) return absl::InvalidArgumentError(absl::StrCat("--", name, " is not known; see --help"));
  if (equals != std::string::npos) {
    if (spec->value.empty()) return absl::InvalidArgumentError(absl::StrCat("--", name, " takes no value"));
    return Keep(*spec, argument.substr(equals + 1));
  }
  if (spec->value.empty()) return Keep(*spec, "");
  if (at + 1 == arguments.size()) {
    return absl::InvalidArgumentError(absl::StrCat("--", name, " needs a value: ", spec->value));
  }
  return Keep(*spec, arguments[++at]);
}

absl::Status CommandLine::TakeLetter(const std::vector<std::string>& arguments, const std::vector<FlagSpec>& flags,
                                     size_t& at) {
  const std::string& argument = arguments[at];
  const auto spec =
      std::find_if(flags.begin(), flags.end(), [&](const FlagSpec& flag) { return flag.letter == argument[1]; });
  if (spec == flags.end() || (spec->value.empty() && argument.size() > 2)) {
    return absl::InvalidArgumentError(
        absl::StrCat(argument, " is not known; see --help; a word that begins with \"-\" goes behind \"--\""));
  }
  if (spec->value.empty()) return Keep(*spec, "");
  if (argument.size() > 2) return Keep(*spec, argument.substr(2));
  if (at + 1 == arguments.size()) {
    return absl::InvalidArgumentError(absl::StrCat(argument, " needs a value: ", spec->value));
  }
  return Keep(*spec, arguments[++at]);
}

absl::Status CommandLine::Keep(const FlagSpec& spec, const std::string& value) {
  const std::vector<std::string> choices = Choices(spec);
  if (!choices.empty() && std::find(choices.begin(), choices.end(), value) == choices.end()) {
    return absl::InvalidArgumentError(
        absl::StrCat("--", spec.name, "=", value, ": right is one of ", absl::StrJoin(choices, ", ")));
  }
  std::vector<std::string>& values = values_[std::string(spec.name)];
  if (!values.empty() && !spec.repeatable) {
    return absl::InvalidArgumentError(absl::StrCat("--", spec.name, " is given twice"));
  }
  values.push_back(value);
  return absl::OkStatus();
}

std::string CommandLine::FlagName(absl::string_view written) { return absl::StrReplaceAll(written, {{"-", "_"}}); }

std::vector<std::string> CommandLine::Choices(const FlagSpec& flag) {
  if (!absl::StrContains(flag.value, '|')) return {};
  return absl::StrSplit(flag.value, '|');
}

std::string CommandLine::Help(const std::vector<FlagSpec>& flags) {
  std::string help;
  for (const FlagSpec& flag : flags) {
    const std::string left =
        absl::StrCat(flag.letter == '\0' ? "" : absl::StrCat("-", std::string(1, flag.letter), ", "), "--", flag.name,
                     flag.value.empty() ? "" : "=", flag.value);
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
