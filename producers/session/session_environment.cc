#include "producers/session/session_environment.h"

#include <algorithm>
#include <cstdlib>
#include <iterator>

#include "absl/strings/str_cat.h"
#include "eventlog-svc/client/bearer_token.h"
#include "eventlog-svc/client/channel.h"
#include "producers/config/service_settings.h"
#include "producers/spool/spool_folder.h"

namespace eventlog {
namespace {

// What belongs to a server.
constexpr const char* kOfThisProcess[] = {kTokenVariable, kInsecureVariable, kConfigVariable};

bool IsOfASession(const std::string& variable) {
  const std::string name = variable.substr(0, variable.find('='));
  return name == kSessionIdVariable || name == kServerVariable || name == kLogVariable ||
         std::find(std::begin(kOfThisProcess), std::end(kOfThisProcess), name) != std::end(kOfThisProcess);
}

}  // namespace

std::vector<std::string> SessionEnvironment(std::vector<std::string> environment, const std::string& session_id,
                                            const std::string& server, const std::string& log) {
  environment.erase(std::remove_if(environment.begin(), environment.end(), IsOfASession), environment.end());
  environment.push_back(absl::StrCat(kSessionIdVariable, "=", session_id));
  environment.push_back(absl::StrCat(kServerVariable, "=", server));
  for (const char* name : kOfThisProcess) {
    const char* const value = std::getenv(name);
    if (value != nullptr) environment.push_back(absl::StrCat(name, "=", value));
  }
  if (!log.empty()) environment.push_back(absl::StrCat(kLogVariable, "=", log));
  return environment;
}

}  // namespace eventlog
