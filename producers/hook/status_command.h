// `eventlog hook status`: what the hooks have kept, and what became of it.

#ifndef PRODUCERS_HOOK_STATUS_COMMAND_H_
#define PRODUCERS_HOOK_STATUS_COMMAND_H_

#include "producers/cli/command.h"

namespace eventlog {

const Command& HookStatusCommand();

}  // namespace eventlog

#endif  // PRODUCERS_HOOK_STATUS_COMMAND_H_
