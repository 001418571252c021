// The flags --server, --token, --config, --insecure and --log of the programs that parse with Abseil.

#ifndef PRODUCERS_CONFIG_SERVICE_FLAGS_H_
#define PRODUCERS_CONFIG_SERVICE_FLAGS_H_

#include <string>

#include "producers/config/service_settings.h"

namespace eventlog {

// The end of this file's path, for ProgramUsage.
inline constexpr char kServiceFlagsFile[] = "config/service_flags.cc";

// After the command line was parsed; a flag that is empty is not given.
ServiceFlags ProgramServiceFlags();
// --log; empty where it is not given.
std::string ProgramLogFlag();

}  // namespace eventlog

#endif  // PRODUCERS_CONFIG_SERVICE_FLAGS_H_
