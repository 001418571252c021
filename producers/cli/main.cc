// eventlog: the log from the command line.

#include <cstdio>
#include <string>
#include <vector>

#include "absl/strings/match.h"
#include "eventlog-svc/client/channel.h"
#include "glog/logging.h"
#include "producers/cli/append_command.h"
#include "producers/cli/exit_code.h"
#include "producers/cli/stats_command.h"
#include "producers/cli/tail_command.h"

namespace {

constexpr char kHelp[] =
    "eventlog [--server=HOST:PORT] COMMAND [FLAGS]\n\n"
    "  append   append one event, or many from standard input\n"
    "  tail     print events and follow the log\n"
    "  stats    the bounds and size of a log\n\n"
    "Each COMMAND has --help. The server is --server, or EVENTLOG_SERVER, or 127.0.0.1:7431.\n\n";

}  // namespace

int main(int argc, char** argv) {
  FLAGS_logtostderr = true;
  FLAGS_minloglevel = google::GLOG_FATAL;  // the commands say themselves what people need to know
  google::InitGoogleLogging(argv[0]);
  std::string server = eventlog::ServerFromEnvironment();
  std::vector<std::string> arguments(argv + 1, argv + argc);
  while (!arguments.empty() && absl::StartsWith(arguments[0], "--server")) {
    if (absl::StartsWith(arguments[0], "--server=")) {
      server = arguments[0].substr(sizeof("--server=") - 1);
      arguments.erase(arguments.begin());
    } else if (arguments[0] == "--server" && arguments.size() > 1) {
      server = arguments[1];
      arguments.erase(arguments.begin(), arguments.begin() + 2);
    } else {
      break;
    }
  }
  const std::string command = arguments.empty() ? "" : arguments[0];
  if (!arguments.empty()) arguments.erase(arguments.begin());
  if (command == "append") return eventlog::RunAppend(server, arguments);
  if (command == "tail") return eventlog::RunTail(server, arguments);
  if (command == "stats") return eventlog::RunStats(server, arguments);
  const bool asked = command == "--help" || command == "help";
  std::fprintf(asked ? stdout : stderr, "%s%s", kHelp, eventlog::kExitCodesHelp);
  if (!asked) std::fprintf(stderr, "\"%s\" is not a command\n", command.c_str());
  return asked ? eventlog::kExitOk : eventlog::kExitUsage;
}
