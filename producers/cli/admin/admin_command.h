// What the commands of the administration have in common: how they reach the service, how they fail, and what they end
// with.

#ifndef PRODUCERS_CLI_ADMIN_ADMIN_COMMAND_H_
#define PRODUCERS_CLI_ADMIN_ADMIN_COMMAND_H_

#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "producers/cli/admin/admin_client.h"
#include "producers/cli/command.h"
#include "producers/cli/command_line.h"
#include "producers/cli/exit_code.h"

namespace eventlog {

struct AdminCall {
  const CommandContext& context;
  const CommandLine& line;
  AdminClient& client;
};

// The flag of all of them: how long to wait for an answer.
inline constexpr FlagSpec kTimeoutFlag = {"timeout_s", "SECONDS", "how long to wait for the service; 10 when absent"};

// A status that means: the command line is wrong.
absl::Status UsageError(absl::string_view message);

// `status` as such an error of one flag; OK stays OK.
absl::Status UsageErrorOf(absl::string_view flag, const absl::Status& status);

// The one word of the line; a usage error names `what` ("LOG") where there is none, or more.
absl::StatusOr<std::string> OneWord(const CommandLine& line, absl::string_view what);

// Runs `body` with a client of the context's server. What it fails with goes to standard error, with the service's
// reason, the values that it is about, and what to do where a command can do something.
ExitCode RunAdminCommand(absl::string_view name, const CommandContext& context, const CommandLine& line,
                         absl::StatusOr<ExitCode> (*body)(const AdminCall& call));

// What people read of such a failure, and what the command ends with.
std::string AdminErrorText(const absl::Status& status, absl::string_view server);
ExitCode AdminExitCode(const absl::Status& status);

}  // namespace eventlog

#endif  // PRODUCERS_CLI_ADMIN_ADMIN_COMMAND_H_
