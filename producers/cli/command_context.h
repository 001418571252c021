// What every command gets: where the service is, as whom, and how to print. From flags, or else from the environment.

#ifndef PRODUCERS_CLI_COMMAND_CONTEXT_H_
#define PRODUCERS_CLI_COMMAND_CONTEXT_H_

#include <vector>

#include "absl/status/statusor.h"
#include "producers/cli/command.h"
#include "producers/cli/command_line.h"

namespace eventlog {

// The flags that say it.
const std::vector<FlagSpec>& ContextFlags();

// From the flags behind the command (`line`), or else from those before it (`leading`), or else `otherwise` when it is
// given, or else from the environment. kInvalidArgument says what is wrong and what would be right.
absl::StatusOr<CommandContext> ResolveContext(const CommandContext* otherwise, const CommandLine& leading,
                                              const CommandLine& line);

}  // namespace eventlog

#endif  // PRODUCERS_CLI_COMMAND_CONTEXT_H_
