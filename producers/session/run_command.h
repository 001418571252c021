// `session run`: any command, as without it, and its life as events.
//
// Where standard input and output are terminals the command gets a PTY (terminal_run.h); otherwise it has this
// process's own streams (plain_run.h). Events go to the user's spool, on a thread that the command does not wait for.

#ifndef PRODUCERS_SESSION_RUN_COMMAND_H_
#define PRODUCERS_SESSION_RUN_COMMAND_H_

#include <cstdint>
#include <functional>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"

namespace eventlog {

struct RunOptions {
  std::string name;
  std::string server;
  std::string log;
  bool has_token = false;
  bool output = false;
  int64_t output_bytes_per_second_max = 256 * 1024;
  int64_t idle_after_s = 60;
  bool help = false;
  std::vector<std::string> command;
  // What of the configuration file and the environment is left out, or to be warned of.
  std::vector<std::string> remarks;
};

// Of the arguments behind "run", with the environment and the configuration file behind them. kInvalidArgument says
// what is wrong with the arguments and what would be right; what is wrong with the others hinders no command. Puts into
// the environment what the command and the sender need of the flags (PutIntoEnvironment).
absl::StatusOr<RunOptions> ParseRunArguments(const std::vector<std::string>& arguments);

std::string RunHelp();

// Runs it. Returns the exit code: the command's; 128 and the signal's number where one ended it (this process dies of
// the same signal, where it can); 127 or 126 where it could not be started; 2 where the arguments are wrong.
int RunSession(const std::vector<std::string>& arguments,
               std::function<absl::Status(const std::string&)> ensure_sender);

}  // namespace eventlog

#endif  // PRODUCERS_SESSION_RUN_COMMAND_H_
