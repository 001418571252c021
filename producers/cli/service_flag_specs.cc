#include "producers/cli/service_flag_specs.h"

#include <optional>
#include <string>

#include "absl/strings/string_view.h"

namespace eventlog {

ServiceFlags ServiceFlagsOf(const CommandLine& leading, const CommandLine& line) {
  const auto get = [&](absl::string_view name) -> std::optional<std::string> {
    for (const CommandLine* one : {&line, &leading}) {
      if (one->Has(name)) return one->Get(name);
    }
    return std::nullopt;
  };
  return {get(kServerFlag.name), get(kTokenFlag.name), get(kConfigFlag.name), get(kInsecureFlag.name).has_value()};
}

}  // namespace eventlog
