// `eventlog tail`: prints events, one JSON object a line, and follows the log.

#ifndef PRODUCERS_CLI_TAIL_COMMAND_H_
#define PRODUCERS_CLI_TAIL_COMMAND_H_

#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "producers/cli/command_line.h"
#include "producers/cli/exit_code.h"
#include "proto/eventlog/v1/event_log.pb.h"

namespace eventlog {

ExitCode RunTail(const std::string& server, const std::vector<std::string>& arguments);

// The subscription that the flags describe.
absl::StatusOr<v1::SubscribeRequest> SubscribeRequestFromFlags(const CommandLine& line);

}  // namespace eventlog

#endif  // PRODUCERS_CLI_TAIL_COMMAND_H_
