// The commands of the administration, for the table of all commands.

#ifndef PRODUCERS_CLI_ADMIN_ADMIN_COMMANDS_H_
#define PRODUCERS_CLI_ADMIN_ADMIN_COMMANDS_H_

#include <vector>

#include "producers/cli/command.h"

namespace eventlog {

// In the order of the help; constants of the program.
std::vector<const Command*> AdminCommands();

}  // namespace eventlog

#endif  // PRODUCERS_CLI_ADMIN_ADMIN_COMMANDS_H_
