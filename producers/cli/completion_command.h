// `eventlog completion SHELL`: the script that lets a shell complete our command lines; and what the script asks.

#ifndef PRODUCERS_CLI_COMPLETION_COMMAND_H_
#define PRODUCERS_CLI_COMPLETION_COMMAND_H_

#include <vector>

#include "producers/cli/command.h"

namespace eventlog {

// `commands` are those that it completes, itself among them; must live as long as the process. Once.
const Command& CompletionCommand(const std::vector<const Command*>& commands);

}  // namespace eventlog

#endif  // PRODUCERS_CLI_COMPLETION_COMMAND_H_
