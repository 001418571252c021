// How the command ends; each --help says so.

#ifndef PRODUCERS_CLI_EXIT_CODE_H_
#define PRODUCERS_CLI_EXIT_CODE_H_

#include "absl/status/status.h"

namespace eventlog {

// A command may have others of its own.
enum ExitCode : int {
  kExitOk = 0,
  kExitRefused = 1,      // the service refused, or a line of the input is wrong
  kExitUsage = 2,        // the command line is wrong
  kExitUnreachable = 3,  // the service did not answer in time; of a command without one: it was not done
  kExitDamaged = 4,      // done, and what was read is damaged
};

inline constexpr char kExitCodesHelp[] =
    "Exit codes: 0 done, 1 refused by the service or wrong input, 2 wrong command line, 3 service not reached in "
    "time.\n";
// Of a command that asks no service.
inline constexpr char kLocalExitCodesHelp[] = "Exit codes: 0 done, 1 not done, 2 wrong command line.\n";

inline ExitCode ToExitCode(const absl::Status& status) {
  if (status.ok()) return kExitOk;
  return absl::IsUnavailable(status) || absl::IsDeadlineExceeded(status) ? kExitUnreachable : kExitRefused;
}

}  // namespace eventlog

#endif  // PRODUCERS_CLI_EXIT_CODE_H_
