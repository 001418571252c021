// `eventlog stats`: the bounds and size of a log, as JSON.

#ifndef PRODUCERS_CLI_STATS_COMMAND_H_
#define PRODUCERS_CLI_STATS_COMMAND_H_

#include "producers/cli/command.h"

namespace eventlog {

const Command& StatsCommand();

}  // namespace eventlog

#endif  // PRODUCERS_CLI_STATS_COMMAND_H_
