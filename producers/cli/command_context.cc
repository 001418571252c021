#include "producers/cli/command_context.h"

#include <unistd.h>

#include <cstdio>
#include <cstdlib>

#include "absl/strings/ascii.h"
#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "absl/strings/str_split.h"
#include "eventlog-svc/client/bearer_token.h"
#include "eventlog-svc/client/channel.h"
#include "eventlog-svc/client/listen_address.h"
#include "producers/cli/config_file.h"

namespace eventlog {
namespace {

constexpr char kConfigVariable[] = "EVENTLOG_CONFIG";

std::string Environment(const char* name) {
  const char* const value = std::getenv(name);
  return value == nullptr ? "" : value;
}

// The flags on both sides of the command.
struct Flags {
  const CommandLine& leading;
  const CommandLine& line;

  bool Has(absl::string_view name) const { return line.Has(name) || leading.Has(name); }
  std::string Get(absl::string_view name) const { return line.Has(name) ? line.Get(name) : leading.Get(name); }
};

// A value and where it was said, for errors.
struct Setting {
  std::string value;
  std::string place;
};

// `path` is where it was found; empty without a file.
absl::StatusOr<ConfigFile> LoadConfig(const Flags& flags, std::string& path) {
  path = flags.Has("config") ? flags.Get("config") : Environment(kConfigVariable);
  const bool asked = !path.empty() || flags.Has("config");
  if (!asked) path = DefaultConfigPath();
  if (path.empty() && !asked) return ConfigFile();
  const absl::StatusOr<std::string> text = ReadSmallFile(path);
  if (absl::IsNotFound(text.status()) && !asked) {
    path.clear();
    return ConfigFile();
  }
  if (!text.ok()) return absl::InvalidArgumentError(absl::StrCat("configuration: ", text.status().message()));
  return ParseConfigFile(path, *text);
}

void WarnOfOpenSecret(const std::string& path) {
  const std::string warning = SecrecyWarning(path);
  if (!warning.empty()) std::fprintf(stderr, "eventlog: warning: %s\n", warning.c_str());
}

absl::StatusOr<Setting> FindToken(const Flags& flags, const ConfigFile& config, const std::string& path) {
  if (flags.Has("token")) return Setting{flags.Get("token"), "--token"};
  if (!Environment(kTokenVariable).empty()) return Setting{Environment(kTokenVariable), kTokenVariable};
  if (!config.token.empty()) {
    WarnOfOpenSecret(path);
    return Setting{config.token, path};
  }
  if (config.token_file.empty()) return Setting();
  const absl::StatusOr<std::string> text = ReadSmallFile(config.token_file);
  if (!text.ok()) return absl::InvalidArgumentError(absl::StrCat(path, ": token_file: ", text.status().message()));
  WarnOfOpenSecret(config.token_file);
  return Setting{std::string(absl::StripAsciiWhitespace(*text)), config.token_file};
}

// The addresses without spaces between; kInvalidArgument when one is none.
absl::StatusOr<std::string> CheckServer(const Setting& server) {
  std::vector<absl::string_view> addresses;
  for (const absl::string_view part : absl::StrSplit(server.value, ',')) {
    const absl::string_view address = absl::StripAsciiWhitespace(part);
    // gRPC's other names: unix:PATH, dns:///NAME:PORT.
    const bool other = absl::StartsWith(address, "unix:") || absl::StrContains(address, ":///");
    if (!other && !ParseListenAddress(address).ok()) {
      return absl::InvalidArgumentError(absl::StrCat(
          server.place, "=", server.value, ": \"", address,
          "\" is no address; right is HOST:PORT (IPv6 in brackets), or several of them with commas between"));
    }
    addresses.push_back(address);
  }
  return absl::StrJoin(addresses, ",");
}

absl::Status SetServerAndToken(const Flags& flags, Setting server, const Setting& token, CommandContext& context) {
  if (flags.Has("server")) server = {flags.Get("server"), "--server"};
  const absl::StatusOr<std::string> checked = CheckServer(server);
  if (!checked.ok()) return checked.status();
  context.server = *checked;
  context.token = token.value;
  const absl::Status can_be_sent = CheckToken(token.value);
  if (!can_be_sent.ok()) return absl::InvalidArgumentError(absl::StrCat(token.place, ": ", can_be_sent.message()));
  context.insecure = context.insecure || flags.Has("insecure");
  if (token.value.empty() || context.insecure) return absl::OkStatus();
  return CheckTokenStaysHere(context.server);
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
      {"server", "HOST:PORT[,...]", "the log service; of several the first that answers"},
      {"token", "TOKEN", "who calls; others on this machine can see it here: rather EVENTLOG_TOKEN or token_file"},
      {"config", "PATH", "the configuration file"},
      {"insecure", "", "send the token without TLS to another machine; also EVENTLOG_INSECURE=1"},
      {"json", "", "print JSON, also on a terminal"},
      {"color", "auto|always|never", "auto: on a terminal, unless NO_COLOR is set; always: also on a pipe"},
      {"help", "", "this text", false, 'h'},
  };
  return *flags;
}

absl::StatusOr<CommandContext> ResolveContext(const CommandContext* otherwise, const CommandLine& leading,
                                              const CommandLine& line) {
  const Flags flags{leading, line};
  if (otherwise != nullptr) {
    CommandContext context = *otherwise;
    const Setting token =
        flags.Has("token") ? Setting{flags.Get("token"), "--token"} : Setting{context.token, "the token"};
    const absl::Status set = SetServerAndToken(flags, {context.server, "the server"}, token, context);
    if (!set.ok()) return set;
    SetForm(flags, context);
    return context;
  }
  std::string path;
  const absl::StatusOr<ConfigFile> config = LoadConfig(flags, path);
  if (!config.ok()) return config.status();
  const absl::StatusOr<Setting> token = FindToken(flags, *config, path);
  if (!token.ok()) return token.status();
  Setting server{kDefaultServer, "the server"};
  if (!Environment(kServerVariable).empty()) {
    server = {Environment(kServerVariable), kServerVariable};
  } else if (!config->server.empty()) {
    server = {config->server, absl::StrCat(path, ": server")};
  }
  CommandContext context;
  context.insecure = EnvironmentIsInsecure();
  const absl::Status set = SetServerAndToken(flags, server, *token, context);
  if (!set.ok()) return set;
  const bool terminal = isatty(STDOUT_FILENO) == 1;
  context.json = !terminal;
  context.color = config->color == "always" || (terminal && config->color != "never");
  if (!Environment("NO_COLOR").empty()) context.color = false;
  SetForm(flags, context);
  return context;
}

}  // namespace eventlog
