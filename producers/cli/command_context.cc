#include "producers/cli/command_context.h"

#include <unistd.h>

#include <cstdlib>

#include "eventlog-svc/client/channel.h"

namespace eventlog {
namespace {

constexpr char kTokenVariable[] = "EVENTLOG_TOKEN";

std::string Environment(const char* name) {
  const char* const value = std::getenv(name);
  return value == nullptr ? "" : value;
}

CommandContext FromEnvironment() {
  CommandContext context;
  context.server = ServerFromEnvironment();
  context.token = Environment(kTokenVariable);
  const bool terminal = isatty(STDOUT_FILENO) == 1;
  context.json = !terminal;
  context.color = terminal && Environment("NO_COLOR").empty();
  return context;
}

}  // namespace

const std::vector<FlagSpec>& ContextFlags() {
  static const auto* const flags = new std::vector<FlagSpec>{
      {"server", "HOST:PORT", "the log service; EVENTLOG_SERVER or 127.0.0.1:7431 when absent"},
      {"json", "", "print JSON, also on a terminal"},
      {"color", "auto|always|never", "when to colour; auto is on a terminal, unless NO_COLOR is set"},
      {"help", "", "this text", false, 'h'},
  };
  return *flags;
}

absl::StatusOr<CommandContext> ResolveContext(const CommandContext* otherwise, const CommandLine& leading,
                                              const CommandLine& line) {
  CommandContext context = otherwise != nullptr ? *otherwise : FromEnvironment();
  const auto flag = [&](const char* name, const std::string& absent) {
    return line.Get(name, leading.Get(name, absent));
  };
  context.server = flag("server", context.server);
  if (line.Has("json") || leading.Has("json")) context.json = true;
  const std::string color = flag("color", "auto");
  if (color != "auto") context.color = color == "always";
  return context;
}

}  // namespace eventlog
