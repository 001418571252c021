#include "producers/cli/command_context.h"

#include <unistd.h>

#include <cstdio>
#include <cstdlib>
#include <string>
#include <utility>

#include "absl/strings/string_view.h"
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

// What `otherwise` says, as flags where the line has none; no file.
ServiceFlags Behind(const CommandContext& otherwise, ServiceFlags flags) {
  if (!flags.server.has_value()) flags.server = otherwise.server;
  if (!flags.token.has_value()) flags.token = otherwise.token;
  flags.insecure = flags.insecure || otherwise.insecure;
  flags.config = "/dev/null";
  return flags;
}

void SetForm(const Flags& flags, CommandContext& context) {
  const std::string color = flags.Has("color") ? flags.Get("color") : "auto";
  if (color != "auto") context.color = color == "always";
  // Asked for by name it also means that no terminal is needed: `eventlog tail --color=always | less -R`.
  if (color == "always") context.json = false;
  if (flags.Has("json")) context.json = true;
}

CommandContext OfThisProcess(const ServiceSettings& found) {
  CommandContext context;
  context.config_path = found.config_path;
  const bool terminal = isatty(STDOUT_FILENO) == 1;
  context.json = !terminal;
  context.color = found.color == "always" || (terminal && found.color != "never");
  const char* const no_color = std::getenv("NO_COLOR");
  if (no_color != nullptr && *no_color != '\0') context.color = false;
  return context;
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
  ServiceFlags service = ServiceFlagsOf(leading, line);
  if (otherwise != nullptr) service = Behind(*otherwise, std::move(service));
  absl::StatusOr<ServiceSettings> found = goes_on ? FindServiceSettings(service) : CheckServiceSettings(service);
  if (!found.ok()) return found.status();
  for (const std::string& warning : found->warnings) std::fprintf(stderr, "eventlog: warning: %s\n", warning.c_str());
  CommandContext context = otherwise != nullptr ? *otherwise : OfThisProcess(*found);
  context.server = std::move(found->server);
  context.token = std::move(found->token);
  context.insecure = found->insecure;
  context.problems.insert(context.problems.end(), found->problems.begin(), found->problems.end());
  SetForm(flags, context);
  return context;
}

}  // namespace eventlog
