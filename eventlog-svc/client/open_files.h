// The file descriptors that this process has open.

#ifndef EVENTLOG_SVC_CLIENT_OPEN_FILES_H_
#define EVENTLOG_SVC_CLIENT_OPEN_FILES_H_

#include <vector>

#include "absl/status/statusor.h"

namespace eventlog {

// In no order; of the moment, as other threads open and close. An error when they cannot be listed, as when there is no
// descriptor left to list them with. Any thread.
absl::StatusOr<std::vector<int>> OpenFiles();

}  // namespace eventlog

#endif  // EVENTLOG_SVC_CLIENT_OPEN_FILES_H_
