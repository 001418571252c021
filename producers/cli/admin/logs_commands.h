// `eventlog logs …`: makes, shows, changes, trims and deletes logs.

#ifndef PRODUCERS_CLI_ADMIN_LOGS_COMMANDS_H_
#define PRODUCERS_CLI_ADMIN_LOGS_COMMANDS_H_

#include <vector>

#include "producers/cli/command.h"

namespace eventlog {

// Constants of the program.
std::vector<const Command*> LogsCommands();

}  // namespace eventlog

#endif  // PRODUCERS_CLI_ADMIN_LOGS_COMMANDS_H_
