// A command of `eventlog`, as main, --help and the completions of the shells know it.

#ifndef PRODUCERS_CLI_COMMAND_H_
#define PRODUCERS_CLI_COMMAND_H_

#include <string>
#include <vector>

#include "absl/strings/string_view.h"
#include "producers/cli/command_line.h"
#include "producers/cli/exit_code.h"

namespace eventlog {

// What stands before the command, or comes from the environment or the configuration file: the same for all commands.
struct CommandContext {
  std::string server;     // HOST:PORT, or several with commas between: the first that answers
  std::string token;      // empty: none
  bool json = false;      // --json, or standard output is no terminal
  bool color = false;     // standard output is a terminal, and NO_COLOR is not set
  bool insecure = false;  // --insecure: the token may go to another machine
  // Of the configuration file where it was named, absolute; empty otherwise.
  std::string config_path = "";
  // What is wrong with the environment and the file, and left out: for commands that go on all the same.
  std::vector<std::string> problems = {};
};

// A constant of the program.
struct Command {
  absl::string_view name;      // "append"; of a group: "logs create"
  absl::string_view words;     // what it takes beside flags, for the help: "LOG", "-- COMMAND..."; empty: nothing
  absl::string_view summary;   // one line
  absl::string_view help;      // more lines, for its --help alone
  absl::string_view examples;  // command lines, each with a line that says what it is for
  // Beside those of every command (--server, --json, --help and so on, see dispatcher.h), which need no mention.
  const std::vector<FlagSpec>& (*flags)();
  // The line is parsed and has no --help; words are refused before it where `words` is empty. Errors go to standard
  // error as "eventlog NAME: what is wrong; what would be right".
  ExitCode (*run)(const CommandContext& context, const CommandLine& line);
  absl::string_view exit_codes = kExitCodesHelp;  // lines for its --help
  // How a wrong command line ends. What other programs call, and must not hinder them, says kExitOk: it also runs where
  // the environment or the configuration file is wrong.
  ExitCode wrong_line = kExitUsage;
  // The same where the line has --strict.
  ExitCode wrong_strict_line = kExitUsage;
  // False of what does its work here: it, too, runs where the environment or the configuration file is wrong.
  bool calls_service = true;

  bool goes_on() const { return wrong_line == kExitOk; }
};

}  // namespace eventlog

#endif  // PRODUCERS_CLI_COMMAND_H_
