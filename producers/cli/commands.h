// All commands of `eventlog`. Who has one adds its line in commands.cc.

#ifndef PRODUCERS_CLI_COMMANDS_H_
#define PRODUCERS_CLI_COMMANDS_H_

#include <vector>

#include "producers/cli/command.h"

namespace eventlog {

// In the order of the help; the commands of a group stand together.
const std::vector<const Command*>& AllCommands();

}  // namespace eventlog

#endif  // PRODUCERS_CLI_COMMANDS_H_
