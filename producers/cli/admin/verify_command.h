// `eventlog verify`: holds every stored byte against its checksum, in a running service or in the folder of a stopped
// one.

#ifndef PRODUCERS_CLI_ADMIN_VERIFY_COMMAND_H_
#define PRODUCERS_CLI_ADMIN_VERIFY_COMMAND_H_

#include "producers/cli/command.h"

namespace eventlog {

const Command& VerifyCommand();

}  // namespace eventlog

#endif  // PRODUCERS_CLI_ADMIN_VERIFY_COMMAND_H_
