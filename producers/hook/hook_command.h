// `eventlog hook`: one JSON object on standard input becomes an event in the user's spool. Never waits for the log.

#ifndef PRODUCERS_HOOK_HOOK_COMMAND_H_
#define PRODUCERS_HOOK_HOOK_COMMAND_H_

#include "producers/cli/command.h"

namespace eventlog {

// Prints nothing on standard output, which agents interpret. Exit codes: hook_exit_code.h.
const Command& HookCommand();

}  // namespace eventlog

#endif  // PRODUCERS_HOOK_HOOK_COMMAND_H_
