// `eventlog append`: one event from flags, or many from standard input, one JSON object a line.

#ifndef PRODUCERS_CLI_APPEND_COMMAND_H_
#define PRODUCERS_CLI_APPEND_COMMAND_H_

#include "absl/status/statusor.h"
#include "producers/cli/command.h"
#include "producers/cli/command_line.h"
#include "proto/eventlog/v1/event.pb.h"

namespace eventlog {

// Runs until everything is answered; results on standard output, in the order of the input, one JSON line each.
const Command& AppendCommand();

// The event that the flags describe.
absl::StatusOr<v1::Event> EventFromFlags(const CommandLine& line);

}  // namespace eventlog

#endif  // PRODUCERS_CLI_APPEND_COMMAND_H_
