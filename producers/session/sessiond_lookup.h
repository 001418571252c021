// Which session somebody means: by its id, by its name, or by the begin of its id.

#ifndef PRODUCERS_SESSION_SESSIOND_LOOKUP_H_
#define PRODUCERS_SESSION_SESSIOND_LOOKUP_H_

#include <cstddef>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"

namespace eventlog {

struct SessionLabel {
  std::string id;
  std::string name;  // may be empty
};

// The place in `sessions` of the one that is meant: the one with this id, or else with this name, or else the only one
// whose id begins so. kNotFound when there is none, kFailedPrecondition with all their ids when there are several.
absl::StatusOr<size_t> FindSession(absl::string_view wanted, const std::vector<SessionLabel>& sessions);

inline constexpr size_t kSessionNameBytesMax = 128;
// A name may be empty. kInvalidArgument when it is too long or has what a terminal or an option's name would mistake:
// right are letters, digits and "._-", a letter or digit first.
absl::Status CheckSessionName(absl::string_view name);

}  // namespace eventlog

#endif  // PRODUCERS_SESSION_SESSIOND_LOOKUP_H_
