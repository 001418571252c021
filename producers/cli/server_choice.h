// Which of several addresses of the log service a command talks to.

#ifndef PRODUCERS_CLI_SERVER_CHOICE_H_
#define PRODUCERS_CLI_SERVER_CHOICE_H_

#include <string>

#include "absl/time/time.h"

namespace eventlog {

// The first of `servers`, HOST:PORT with commas between, to which a connection can be made, each tried for `timeout` at
// most; the last where none can. One alone is not tried. Waits; any thread.
std::string ChooseServer(const std::string& servers, absl::Duration timeout);

}  // namespace eventlog

#endif  // PRODUCERS_CLI_SERVER_CHOICE_H_
