// `eventlog tail`: prints events and follows the log.

#ifndef PRODUCERS_CLI_TAIL_COMMAND_H_
#define PRODUCERS_CLI_TAIL_COMMAND_H_

#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "producers/cli/command.h"
#include "producers/cli/command_line.h"
#include "proto/eventlog/v1/event_log.pb.h"

namespace eventlog {

const Command& TailCommand();

// The subscription that the flags describe; "10m" is before `now`.
absl::StatusOr<v1::SubscribeRequest> SubscribeRequestFromFlags(const CommandLine& line, absl::Time now);

}  // namespace eventlog

#endif  // PRODUCERS_CLI_TAIL_COMMAND_H_
