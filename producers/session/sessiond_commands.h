// `session start`, `attach`, `list` and `kill`: the commands of `session` that ask sessiond.
//
// Each takes the arguments behind its name and returns the exit code: 0 done; 1 refused: no such session, an ambiguous
// or taken name, a command that cannot be started; 2 wrong command line; 3 sessiond is not reached. `attach` ends with
// what the session's command ended with, 0 after the detach key.

#ifndef PRODUCERS_SESSION_SESSIOND_COMMANDS_H_
#define PRODUCERS_SESSION_SESSIOND_COMMANDS_H_

#include <string>
#include <vector>

namespace eventlog {

int StartSessionCommand(const std::vector<std::string>& arguments);
int AttachSessionCommand(const std::vector<std::string>& arguments);
int ListSessionsCommand(const std::vector<std::string>& arguments);
int KillSessionCommand(const std::vector<std::string>& arguments);

}  // namespace eventlog

#endif  // PRODUCERS_SESSION_SESSIOND_COMMANDS_H_
