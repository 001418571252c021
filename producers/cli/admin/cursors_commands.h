// `eventlog cursors …`: shows and moves the named places of consumers.

#ifndef PRODUCERS_CLI_ADMIN_CURSORS_COMMANDS_H_
#define PRODUCERS_CLI_ADMIN_CURSORS_COMMANDS_H_

#include <vector>

#include "producers/cli/command.h"

namespace eventlog {

// Constants of the program.
std::vector<const Command*> CursorsCommands();

}  // namespace eventlog

#endif  // PRODUCERS_CLI_ADMIN_CURSORS_COMMANDS_H_
