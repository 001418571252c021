// The configuration file of the producers: lines of `key = value`, with comments behind "#" at the start of a line.
//
//   server = 127.0.0.1:7431, 127.0.0.1:7441
//   token_file = /etc/eventlog/token
//
// Plain functions; any thread.

#ifndef PRODUCERS_CONFIG_CONFIG_FILE_H_
#define PRODUCERS_CONFIG_CONFIG_FILE_H_

#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"

namespace eventlog {

// What a file says; empty where it says nothing.
struct ConfigFile {
  std::string server;
  std::string token;
  std::string token_file;  // a path that is not absolute is one from the folder of this file on
  std::string insecure;    // true or false
  std::string color;       // auto, always or never
  // "PATH:LINE: what is wrong; what would be right", of each line that is left out of the above; the
  // ninth says how many more there are.
  std::vector<std::string> problems;
};

ConfigFile ParseConfigFile(absl::string_view path, absl::string_view text);

// Where the file is when nobody says it: $XDG_CONFIG_HOME/eventlog/config, or ~/.config/eventlog/config; empty when
// neither is known.
std::string DefaultConfigPath();

// A file's bytes; none of /dev/null. Never waits: kInvalidArgument for a pipe or a device, when it cannot be read, and
// when it has more than `bytes_max`, kNotFound when there is none, each with its path.
absl::StatusOr<std::string> ReadSmallFile(const std::string& path, size_t bytes_max = 1024 * 1024);

// The same of a pipe or a device, too, whose end it waits for.
absl::StatusOr<std::string> ReadSmallInput(const std::string& path, size_t bytes_max);

// What to say of a file with a secret that others than its owner may read; empty when they may not.
std::string SecrecyWarning(const std::string& path);

}  // namespace eventlog

#endif  // PRODUCERS_CONFIG_CONFIG_FILE_H_
