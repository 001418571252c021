// The arguments of a subcommand: --flag=value, --flag value, --switch, -l value, -h, and words. "-" is a word; behind
// "--" everything is. Within a flag's name - and _ are the same; FlagSpec, and so all help, has _.

#ifndef PRODUCERS_CLI_COMMAND_LINE_H_
#define PRODUCERS_CLI_COMMAND_LINE_H_

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"

namespace eventlog {

// One flag of a subcommand, for parsing and for --help.
struct FlagSpec {
  absl::string_view name;
  absl::string_view value;  // what it takes, for the help; empty: a switch; "a|b|c": one of these
  absl::string_view help;
  bool repeatable = false;
  char letter = '\0';  // its short form, "-n" of --count; none when zero
};

class CommandLine {
 public:
  // kInvalidArgument names the argument that is unknown, repeated, without its value, or has one that is not among the
  // flag's.
  static absl::StatusOr<CommandLine> Parse(const std::vector<std::string>& arguments,
                                           const std::vector<FlagSpec>& flags);
  // The same up to the first word: `used` says how many arguments stand before it.
  static absl::StatusOr<CommandLine> ParseLeading(const std::vector<std::string>& arguments,
                                                  const std::vector<FlagSpec>& flags, size_t& used);
  // A flag's name, however it was written, as FlagSpec has it.
  static std::string FlagName(absl::string_view written);
  // What the flag's value may be; empty: anything.
  static std::vector<std::string> Choices(const FlagSpec& flag);
  // The lines of the flags, for --help.
  static std::string Help(const std::vector<FlagSpec>& flags);

  bool Has(absl::string_view flag) const { return values_.count(std::string(flag)) > 0; }
  std::string Get(absl::string_view flag, absl::string_view otherwise = "") const;
  std::vector<std::string> GetAll(absl::string_view flag) const;
  // kInvalidArgument when the value is not a number of at least `min`.
  absl::StatusOr<int64_t> GetNumber(absl::string_view flag, int64_t otherwise, int64_t min) const;
  const std::vector<std::string>& words() const { return words_; }

 private:
  // Takes the flag at arguments[at], and moves `at` to its last argument.
  absl::Status TakeFlag(const std::vector<std::string>& arguments, const std::vector<FlagSpec>& flags, size_t& at);
  absl::Status TakeLetter(const std::vector<std::string>& arguments, const std::vector<FlagSpec>& flags, size_t& at);
  absl::Status Keep(const FlagSpec& spec, const std::string& value);

  std::map<std::string, std::vector<std::string>> values_;
  std::vector<std::string> words_;
};

}  // namespace eventlog

#endif  // PRODUCERS_CLI_COMMAND_LINE_H_
