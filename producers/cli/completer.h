// What a command line may go on with: the one place that knows, whatever the shell.

#ifndef PRODUCERS_CLI_COMPLETER_H_
#define PRODUCERS_CLI_COMPLETER_H_

#include <functional>
#include <string>
#include <utility>
#include <vector>

#include "absl/strings/string_view.h"
#include "producers/cli/command.h"
#include "producers/cli/command_line.h"

namespace eventlog {

struct Completions {
  struct Candidate {
    std::string word;  // whole, with what is there of it; ends with "=" where a value follows
    std::string description;
  };
  std::vector<Candidate> candidates;
  bool files = false;  // files too
};

class Completer {
 public:
  // Asks the service at `server` (empty: the usual one) for the names of its logs; must not take long.
  using LogNames = std::function<std::vector<std::string>(const std::string& server)>;

  Completer(const std::vector<const Command*>& commands, const std::vector<FlagSpec>& global_flags, LogNames log_names)
      : commands_(commands), global_flags_(global_flags), log_names_(std::move(log_names)) {}

  // `words` are those behind the program's name; the last one is being written and may be empty.
  Completions Complete(const std::vector<std::string>& words);

 private:
  // What the words before the last one say.
  struct Place {
    std::vector<std::string> names;      // words that may name a command
    const Command* command = nullptr;    // once they do
    const FlagSpec* value_of = nullptr;  // the last word is its value
    std::vector<std::string> given;      // names of flags
    std::string server;
    bool behind_dashes = false;
  };

  Place FindPlace(const std::vector<std::string>& words);
  std::vector<FlagSpec> FlagsAt(const Place& place) const;
  void AddValues(const FlagSpec& flag, const Place& place, const std::string& prefix);
  void AddFlags(const Place& place);
  void AddCommands(const Place& place);
  void AddWords(const Place& place);
  // When it begins with what is written already.
  void Add(const std::string& word, absl::string_view description);

  const std::vector<const Command*>& commands_;
  const std::vector<FlagSpec>& global_flags_;
  const LogNames log_names_;
  std::vector<FlagSpec> flags_;  // of the place
  std::string written_;
  Completions found_;
};

}  // namespace eventlog

#endif  // PRODUCERS_CLI_COMPLETER_H_
