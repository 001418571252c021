// What every command gets: where the service is, as whom, and how to print.
//
// Each from the flag behind the command, or else from the one before it, or else from the environment, or else from the
// configuration file (producers/config/service_settings.h), or else what is usual.

#ifndef PRODUCERS_CLI_COMMAND_CONTEXT_H_
#define PRODUCERS_CLI_COMMAND_CONTEXT_H_

#include <vector>

#include "absl/status/statusor.h"
#include "producers/cli/command.h"
#include "producers/cli/command_line.h"

namespace eventlog {

// The flags that say it.
const std::vector<FlagSpec>& ContextFlags();

// `line` are the flags behind the command, `leading` those before it. Where `otherwise` is given, it stands for the
// environment and the file. kInvalidArgument says what is wrong and what would be right: of a flag alone, where the
// command `goes_on` without what is wrong with the environment and the file. Warns on standard error.
absl::StatusOr<CommandContext> ResolveContext(const CommandContext* otherwise, const CommandLine& leading,
                                              const CommandLine& line, bool goes_on = false);

}  // namespace eventlog

#endif  // PRODUCERS_CLI_COMMAND_CONTEXT_H_
