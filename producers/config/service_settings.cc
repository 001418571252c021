#include "producers/config/service_settings.h"

#include <cstdlib>
#include <filesystem>
#include <system_error>

#include "absl/strings/ascii.h"
#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "absl/strings/str_split.h"
#include "absl/strings/string_view.h"
#include "eventlog-svc/client/bearer_token.h"
#include "eventlog-svc/client/channel.h"
#include "eventlog-svc/client/listen_address.h"
#include "producers/config/config_file.h"

namespace eventlog {
namespace {

std::string Environment(const char* name) {
  const char* const value = std::getenv(name);
  return value == nullptr ? "" : value;
}

std::string Absolute(const std::string& path) {
  std::error_code error;
  const std::filesystem::path absolute = std::filesystem::absolute(path, error);
  return error ? path : absolute.string();
}

// The addresses without spaces between; kInvalidArgument, with `place` before it, when one is none.
absl::StatusOr<std::string> CheckServers(absl::string_view place, absl::string_view servers) {
  std::vector<absl::string_view> addresses;
  for (const absl::string_view part : absl::StrSplit(servers, ',')) {
    const absl::string_view address = absl::StripAsciiWhitespace(part);
    // gRPC's other names: unix:PATH, dns:///NAME:PORT.
    const bool other = absl::StartsWith(address, "unix:") || absl::StrContains(address, ":///");
    if (!other && !ParseListenAddress(address).ok()) {
      return absl::InvalidArgumentError(
          absl::StrCat(place, "=", servers, ": \"", address,
                       "\" is no address; right is HOST:PORT (IPv6 in brackets), or several of them with commas "
                       "between"));
    }
    addresses.push_back(address);
  }
  return absl::StrJoin(addresses, ",");
}

// One resolution, step by step.
class Finder {
 public:
  explicit Finder(const ServiceFlags& flags) : flags_(flags) {}

  absl::StatusOr<ServiceSettings> Find() {
    LoadConfig();
    found_.color = config_.color;
    for (const absl::Status& status : {FindServer(), FindToken()}) {
      if (!status.ok()) return status;
    }
    FindInsecure();
    if (!found_.token.empty() && !found_.insecure) Note(CheckTokenStaysHere(found_.server));
    return std::move(found_);
  }

 private:
  void Note(const absl::Status& problem) {
    if (!problem.ok()) found_.problems.emplace_back(problem.message());
  }

  void LoadConfig() {
    path_ = flags_.config.value_or(Environment(kConfigVariable));
    const bool asked = !path_.empty() || flags_.config.has_value();
    if (!asked) path_ = DefaultConfigPath();
    if (path_.empty() && !asked) return;
    if (!path_.empty() && asked) found_.config_path = Absolute(path_);
    const absl::StatusOr<std::string> text = ReadSmallFile(path_);
    if (absl::IsNotFound(text.status()) && !asked) return;
    if (!text.ok()) {
      found_.problems.push_back(absl::StrCat("configuration: ", text.status().message()));
      return;
    }
    config_ = ParseConfigFile(path_, *text);
    found_.problems = config_.problems;
  }

  absl::Status FindServer() {
    if (flags_.server.has_value()) {
      const absl::StatusOr<std::string> checked = CheckServers("--server", *flags_.server);
      if (checked.ok()) found_.server = *checked;
      return checked.status();
    }
    const std::string variable = Environment(kServerVariable);
    if (!variable.empty() && TakeServer(kServerVariable, variable)) return absl::OkStatus();
    if (!config_.server.empty() && TakeServer(absl::StrCat(path_, ": server"), config_.server)) return absl::OkStatus();
    found_.server = kDefaultServer;
    return absl::OkStatus();
  }

  bool TakeServer(absl::string_view place, absl::string_view servers) {
    const absl::StatusOr<std::string> checked = CheckServers(place, servers);
    if (checked.ok()) found_.server = *checked;
    Note(checked.status());
    return checked.ok();
  }

  absl::Status FindToken() {
    if (flags_.token.has_value()) {
      found_.token = *flags_.token;
      const absl::Status sendable = CheckToken(found_.token);
      return sendable.ok() ? sendable : absl::InvalidArgumentError(absl::StrCat("--token: ", sendable.message()));
    }
    const std::string variable = Environment(kTokenVariable);
    if (!variable.empty() && TakeToken(kTokenVariable, variable)) return absl::OkStatus();
    if (!config_.token.empty()) {
      WarnOfOpenSecret(path_);
      TakeToken(path_, config_.token);
    } else if (!config_.token_file.empty()) {
      ReadTokenFile();
    }
    return absl::OkStatus();
  }

  void ReadTokenFile() {
    const absl::StatusOr<std::string> text = ReadSmallFile(config_.token_file);
    if (!text.ok()) {
      found_.problems.push_back(absl::StrCat(path_, ": token_file: ", text.status().message()));
      return;
    }
    WarnOfOpenSecret(config_.token_file);
    const std::string token(absl::StripAsciiWhitespace(*text));
    // As while it is written anew. Without a token the log would refuse what a spool has.
    if (token.empty()) found_.problems.push_back(absl::StrCat(config_.token_file, " is empty; right is a token"));
    TakeToken(config_.token_file, token);
  }

  bool TakeToken(absl::string_view place, const std::string& token) {
    const absl::Status sendable = CheckToken(token);
    if (sendable.ok()) {
      found_.token = token;
    } else {
      found_.problems.push_back(absl::StrCat(place, ": ", sendable.message()));
    }
    return sendable.ok();
  }

  void WarnOfOpenSecret(const std::string& path) {
    std::string warning = SecrecyWarning(path);
    if (!warning.empty()) found_.warnings.push_back(std::move(warning));
  }

  void FindInsecure() {
    const bool said = !Environment(kInsecureVariable).empty();
    found_.insecure = flags_.insecure || (said ? EnvironmentIsInsecure().value_or(false) : config_.insecure == "true");
  }

  const ServiceFlags& flags_;
  std::string path_;  // of the file
  ConfigFile config_;
  ServiceSettings found_;
};

}  // namespace

absl::StatusOr<ServiceSettings> FindServiceSettings(const ServiceFlags& flags) { return Finder(flags).Find(); }

absl::StatusOr<ServiceSettings> CheckServiceSettings(const ServiceFlags& flags) {
  absl::StatusOr<ServiceSettings> found = FindServiceSettings(flags);
  if (!found.ok()) return found;
  if (!found->problems.empty()) return absl::InvalidArgumentError(found->problems.front());
  // No problem for what goes on, a sender of the spool for one, which would wait for its end: it is a "no" there.
  const absl::Status insecure = flags.insecure ? absl::OkStatus() : EnvironmentIsInsecure().status();
  return insecure.ok() ? found : insecure;
}

void PutIntoEnvironment(const std::string& config_path, const std::string& token, bool insecure) {
  if (!config_path.empty()) setenv(kConfigVariable, config_path.c_str(), /*overwrite=*/1);
  if (!token.empty()) setenv(kTokenVariable, token.c_str(), /*overwrite=*/1);
  if (insecure) setenv(kInsecureVariable, "1", /*overwrite=*/1);
}

}  // namespace eventlog
