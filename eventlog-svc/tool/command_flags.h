// Which flags each command of eventlog-admin has: all flags of the program are of one list, and one of another command
// would be taken without a word.

#ifndef EVENTLOG_SVC_TOOL_COMMAND_FLAGS_H_
#define EVENTLOG_SVC_TOOL_COMMAND_FLAGS_H_

#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/strings/string_view.h"

namespace eventlog {

struct CommandFlags {
  std::string command;
  std::vector<std::string> flags;  // without dashes
};

// Whether `command` has each flag of the command line that any command of `all` has; others are not looked at.
// `arguments` are the words behind the command, in any form that Abseil takes. kInvalidArgument names the command, or
// the flag, and says what is right.
absl::Status CheckCommandFlags(const std::vector<CommandFlags>& all, absl::string_view command,
                               const std::vector<std::string>& arguments);

}  // namespace eventlog

#endif  // EVENTLOG_SVC_TOOL_COMMAND_FLAGS_H_
