#include "producers/cli/command_context.h"

#include <unistd.h>

#include <cstdio>
#include <cstdlib>
#include <string>
#include <utility>

#include "absl/strings/string_view.h"
#include "eventlog-svc/client/bearer_token.h"
#include "producers/cli/service_flag_specs.h"
#include "producers/config/service_settings.h"

namespace eventlog {
namespace {

// The flags on both sides of the command.
struct Flags {
  const CommandLine& leading;
  const CommandLine& line;

  bool Has(absl::string_view name) const { return line.Has(name) || leading.Has(name); }
  std::string Get(absl::string_view name) const { return line.Has(name) ? line.Get(name) : leading.Get(name); }
};

// For tests of a command, where neither the environment nor a file counts.
absl::StatusOr<CommandContext> Changed(const ServiceFlags& flags, CommandContext context) {
  const absl::StatusOr<std::string> servers =
      flags.server.has_value() ? CheckServers("--server", *flags.server) : CheckServers("the server", context.server);
  if (!servers.ok()) return servers.status();
  context.server = *servers;
  context.token = flags.token.value_or(context.token);
  context.insecure = context.insecure || flags.insecure;
  const absl::Status sendable = CheckToken(context.token);
  if (!sendable.ok()) return sendable;
  if (context.token.empty() || context.insecure) return context;
  const absl::Status stays = CheckTokenStaysHere(context.server);
  if (!stays.ok()) return stays;
  return context;
}

void SetForm(const Flags& flags, CommandContext& context) {
  const std::string color = flags.Has("color") ? flags.Get("color") : "auto";
  if (color != "auto") context.color = color == "always";
  // Asked for by name it also means that no terminal is needed: `eventlog tail --color=always | less -R`.
  if (color == "always") context.json = false;
  if (flags.Has("json")) context.json = true;
}

}  // namespace

const std::vector<FlagSpec>& ContextFlags() {
  static const auto* const flags = new std::vector<FlagSpec>{
      kServerFlag,
      kTokenFlag,
      kConfigFlag,
      kInsecureFlag,
      {"json", "", "print JSON, also on a terminal"},
      {"color", "auto|always|never", "auto: on a terminal, unless NO_COLOR is set; always: also on a pipe"},
      {"help", "", "this text", false, 'h'},
  };
  return *flags;
}

absl::StatusOr<CommandContext> ResolveContext(const CommandContext* otherwise, const CommandLine& leading,
                                              const CommandLine& line, bool goes_on) {
  const Flags flags{leading, line};
  const ServiceFlags service = ServiceFlagsOf(leading, line);
  if (otherwise != nullptr) {
    absl::StatusOr<CommandContext> context = Changed(service, *otherwise);
    if (context.ok()) SetForm(flags, *context);
    return context;
  }
  absl::StatusOr<ServiceSettings> found = goes_on ? FindServiceSettings(service) : CheckServiceSettings(service);
  if (!found.ok()) return found.status();
  for (const std::string& warning : found->warnings) std::fprintf(stderr, "eventlog: warning: %s\n", warning.c_str());
  CommandContext context;
  context.server = std::move(found->server);
  context.token = std::move(found->token);
  context.insecure = found->insecure;
  context.config_path = std::move(found->config_path);
  context.problems = std::move(found->problems);
  const bool terminal = isatty(STDOUT_FILENO) == 1;
  context.json = !terminal;
  context.color = found->color == "always" || (terminal && found->color != "never");
  const char* const no_color = std::getenv("NO_COLOR");
  if (no_color != nullptr && *no_color != '\0') context.color = false;
  SetForm(flags, context);
  return context;
}

}  // namespace eventlog
