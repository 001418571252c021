// `eventlog stats`: the bounds and size of a log and its cursors, once or over and over.

#ifndef PRODUCERS_CLI_STATS_COMMAND_H_
#define PRODUCERS_CLI_STATS_COMMAND_H_

#include <string>

#include "producers/cli/command.h"
#include "proto/eventlog/v1/event_log.pb.h"

namespace eventlog {

const Command& StatsCommand();

// One JSON object, without an end of line.
std::string StatsJson(const v1::LogStats& stats);
// Lines for people.
std::string StatsTable(const v1::LogStats& stats);

}  // namespace eventlog

#endif  // PRODUCERS_CLI_STATS_COMMAND_H_
