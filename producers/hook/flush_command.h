// `eventlog hook flush`: waits until what the hooks have kept is in the log.

#ifndef PRODUCERS_HOOK_FLUSH_COMMAND_H_
#define PRODUCERS_HOOK_FLUSH_COMMAND_H_

#include "producers/cli/command.h"

namespace eventlog {

const Command& HookFlushCommand();

}  // namespace eventlog

#endif  // PRODUCERS_HOOK_FLUSH_COMMAND_H_
