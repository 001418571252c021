// Where the log service is and as whom it is called: the same for all producers.
//
// Each from a flag, or else from the environment, or else from the configuration file (config_file.h), or else what is
// usual. Plain functions; FindServiceSettings any thread.

#ifndef PRODUCERS_CONFIG_SERVICE_SETTINGS_H_
#define PRODUCERS_CONFIG_SERVICE_SETTINGS_H_

#include <optional>
#include <string>
#include <vector>

#include "absl/status/statusor.h"

namespace eventlog {

// The path of the configuration file.
inline constexpr char kConfigVariable[] = "EVENTLOG_CONFIG";

// What the flags are for, in every program that has them.
inline constexpr char kServerFlagHelp[] = "the log service; of several the first that answers";
inline constexpr char kTokenFlagHelp[] =
    "who calls; others on this machine can see it here: rather EVENTLOG_TOKEN or token_file";
inline constexpr char kConfigFlagHelp[] = "the configuration file";
inline constexpr char kInsecureFlagHelp[] = "send the token without TLS to another machine; also EVENTLOG_INSECURE=1";
inline constexpr char kLogFlagHelp[] = "the log; EVENTLOG_LOG, which `session run` sets, or \"events\" when absent";

// What stands behind the flags that are not given; for the --help of each program.
inline constexpr char kServiceHelp[] =
    "The server is --server, or else EVENTLOG_SERVER, or else `server = ...` of the configuration file, or else\n"
    "127.0.0.1:7431; the token is --token, EVENTLOG_TOKEN, or `token = ...` or `token_file = PATH` of the file, which\n"
    "may also say `insecure = true`. The file is --config, EVENTLOG_CONFIG, or $XDG_CONFIG_HOME/eventlog/config, or\n"
    "~/.config/eventlog/config; # is a comment.\n";

// Of a command line; absent where it is not given.
struct ServiceFlags {
  std::optional<std::string> server;
  std::optional<std::string> token;
  std::optional<std::string> config;
  bool insecure = false;
};

struct ServiceSettings {
  std::string server;     // as NewChannel takes it
  std::string token;      // empty: none
  bool insecure = false;  // the token may go to another machine
  std::string color;      // of the file
  // Absolute; empty where nobody names a file, and it is the usual one or none.
  std::string config_path;
  // What is wrong with the environment and the file, "PLACE: what is wrong; what would be right": the above is without
  // it. Last, if it is so: that the token must not go to the server.
  std::vector<std::string> problems;
  std::vector<std::string> warnings;
};

// For what must go on whatever is wrong around it. kInvalidArgument: a flag is wrong.
absl::StatusOr<ServiceSettings> FindServiceSettings(const ServiceFlags& flags);
// For all else: kInvalidArgument is also the first of the problems, and an EVENTLOG_INSECURE that is neither yes nor
// no, which is no for what goes on.
absl::StatusOr<ServiceSettings> CheckServiceSettings(const ServiceFlags& flags);

// For the processes that this one starts or becomes, which find the same then, in another folder, too. What is empty or
// false leaves the environment as it is. Before there is any thread.
void PutIntoEnvironment(const std::string& config_path, const std::string& token, bool insecure);

}  // namespace eventlog

#endif  // PRODUCERS_CONFIG_SERVICE_SETTINGS_H_
