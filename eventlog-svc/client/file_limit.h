// How many files this process may have open: clients are files, and so are segments.

#ifndef EVENTLOG_SVC_CLIENT_FILE_LIMIT_H_
#define EVENTLOG_SVC_CLIENT_FILE_LIMIT_H_

#include "absl/status/status.h"

namespace eventlog {

// Takes as many as the system allows at most, which is not what it gives at first. An error leaves the limit as it is.
absl::Status RaiseFileLimit();

}  // namespace eventlog

#endif  // EVENTLOG_SVC_CLIENT_FILE_LIMIT_H_
