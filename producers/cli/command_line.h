// The arguments of a subcommand: --flag=value, --flag value, --switch, and words.

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
  absl::string_view value;  // what it takes, for the help; empty: a switch
  absl::string_view help;
  bool repeatable = false;
};

class CommandLine {
 public:
  // kInvalidArgument names the argument that is unknown, repeated or without its value.
  static absl::StatusOr<CommandLine> Parse(const std::vector<std::string>& arguments,
                                           const std::vector<FlagSpec>& flags);
  // The lines of the flags, for --help.
  static std::string Help(const std::vector<FlagSpec>& flags);

  bool Has(absl::string_view flag) const { return values_.count(std::string(flag)) > 0; }
  std::string Get(absl::string_view flag, absl::string_view otherwise = "") const;
  std::vector<std::string> GetAll(absl::string_view flag) const;
  // kInvalidArgument when the value is not a number of at least `min`.
  absl::StatusOr<int64_t> GetNumber(absl::string_view flag, int64_t otherwise, int64_t min) const;
  const std::vector<std::string>& words() const { return words_; }

 private:
  std::map<std::string, std::vector<std::string>> values_;
  std::vector<std::string> words_;
};

}  // namespace eventlog

#endif  // PRODUCERS_CLI_COMMAND_LINE_H_
