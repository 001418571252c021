// Finds the command that a command line names, and runs it: eventlog [GLOBAL FLAGS] COMMAND [WORDS] [FLAGS].
//
// What is the same for every command is done here: the flags that all have, --help, what is wrong with a command line,
// and what stands behind the flags that are not given.

#ifndef PRODUCERS_CLI_DISPATCHER_H_
#define PRODUCERS_CLI_DISPATCHER_H_

#include <string>
#include <vector>

#include "absl/strings/string_view.h"
#include "producers/cli/command.h"
#include "producers/cli/exit_code.h"

namespace eventlog {

// Runs the command line; `arguments` are those behind the program's name. Help goes to standard output, errors to
// standard error; a command line that is wrong is kExitUsage.
ExitCode Dispatch(const std::vector<const Command*>& commands, const std::vector<std::string>& arguments);

// The same for one command, with `context` where the line says nothing else: for tests of a command.
ExitCode RunCommand(const Command& command, const CommandContext& context, const std::vector<std::string>& arguments);

// The flags that stand before a command as well as behind it, whatever the command.
const std::vector<FlagSpec>& GlobalFlags();

// A command's --help.
std::string CommandHelp(const Command& command);

}  // namespace eventlog

#endif  // PRODUCERS_CLI_DISPATCHER_H_
