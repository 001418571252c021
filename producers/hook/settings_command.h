// `eventlog hook install` and `eventlog hook uninstall`: our entries in a coding agent's settings.

#ifndef PRODUCERS_HOOK_SETTINGS_COMMAND_H_
#define PRODUCERS_HOOK_SETTINGS_COMMAND_H_

#include "producers/cli/command.h"

namespace eventlog {

const Command& HookInstallCommand();
const Command& HookUninstallCommand();

}  // namespace eventlog

#endif  // PRODUCERS_HOOK_SETTINGS_COMMAND_H_
