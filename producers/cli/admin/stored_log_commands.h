// `eventlog dump`, `backup` and `restore`: what eventlog-admin does with stored logs, under one roof.

#ifndef PRODUCERS_CLI_ADMIN_STORED_LOG_COMMANDS_H_
#define PRODUCERS_CLI_ADMIN_STORED_LOG_COMMANDS_H_

#include <string>
#include <vector>

#include "absl/strings/string_view.h"
#include "producers/cli/command.h"
#include "producers/cli/command_line.h"
#include "producers/cli/exit_code.h"

namespace eventlog {

// Constants of the program.
std::vector<const Command*> StoredLogCommands();

// The arguments of eventlog-admin for this command: those of `flags` that the line has, and what the context says.
std::vector<std::string> AdminArguments(absl::string_view command, const CommandContext& context,
                                        const CommandLine& line, const std::vector<FlagSpec>& flags);

// Becomes eventlog-admin; returns only when that fails, which it has then said.
ExitCode RunAdminProgram(absl::string_view command, const CommandContext& context, const CommandLine& line,
                         const std::vector<FlagSpec>& flags);

}  // namespace eventlog

#endif  // PRODUCERS_CLI_ADMIN_STORED_LOG_COMMANDS_H_
