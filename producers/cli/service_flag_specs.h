// The flags that say where the log service is and as whom it is called, for the programs with a CommandLine.

#ifndef PRODUCERS_CLI_SERVICE_FLAG_SPECS_H_
#define PRODUCERS_CLI_SERVICE_FLAG_SPECS_H_

#include "producers/cli/command_line.h"
#include "producers/config/service_settings.h"

namespace eventlog {

inline constexpr FlagSpec kServerFlag = {"server", "HOST:PORT[,...]", kServerFlagHelp};
inline constexpr FlagSpec kTokenFlag = {"token", "TOKEN", kTokenFlagHelp};
inline constexpr FlagSpec kConfigFlag = {"config", "PATH", kConfigFlagHelp};
inline constexpr FlagSpec kInsecureFlag = {"insecure", "", kInsecureFlagHelp};
inline constexpr FlagSpec kLogFlag = {"log", "LOG", kLogFlagHelp};

// What a line says of them; where it says nothing, `leading`.
ServiceFlags ServiceFlagsOf(const CommandLine& leading, const CommandLine& line);

}  // namespace eventlog

#endif  // PRODUCERS_CLI_SERVICE_FLAG_SPECS_H_
