// `eventlog stats`: the bounds and size of a log, as JSON.

#ifndef PRODUCERS_CLI_STATS_COMMAND_H_
#define PRODUCERS_CLI_STATS_COMMAND_H_

#include <string>
#include <vector>

#include "producers/cli/exit_code.h"

namespace eventlog {

ExitCode RunStats(const std::string& server, const std::vector<std::string>& arguments);

}  // namespace eventlog

#endif  // PRODUCERS_CLI_STATS_COMMAND_H_
