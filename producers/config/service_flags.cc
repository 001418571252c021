#include "producers/config/service_flags.h"

#include <optional>

#include "absl/flags/flag.h"

ABSL_FLAG(std::string, server, "", eventlog::kServerFlagHelp);
ABSL_FLAG(std::string, token, "", eventlog::kTokenFlagHelp);
ABSL_FLAG(std::string, config, "", eventlog::kConfigFlagHelp);
ABSL_FLAG(bool, insecure, false, eventlog::kInsecureFlagHelp);
ABSL_FLAG(std::string, log, "", eventlog::kLogFlagHelp);

namespace eventlog {
namespace {

std::optional<std::string> Given(const std::string& flag) {
  return flag.empty() ? std::nullopt : std::optional<std::string>(flag);
}

}  // namespace

ServiceFlags ProgramServiceFlags() {
  return {Given(absl::GetFlag(FLAGS_server)), Given(absl::GetFlag(FLAGS_token)), Given(absl::GetFlag(FLAGS_config)),
          absl::GetFlag(FLAGS_insecure)};
}

std::string ProgramLogFlag() { return absl::GetFlag(FLAGS_log); }

}  // namespace eventlog
