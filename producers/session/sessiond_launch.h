// sessiond, started by the first who needs it.

#ifndef PRODUCERS_SESSION_SESSIOND_LAUNCH_H_
#define PRODUCERS_SESSION_SESSIOND_LAUNCH_H_

#include <memory>
#include <string>

#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "producers/session/sessiond_client.h"

namespace eventlog {

struct SessiondLaunchOptions {
  std::string socket_path;
  std::string program;   // sessiond's
  std::string log_path;  // what it says on standard error; begun anew when it has more than 1 MiB
  absl::Duration patience = absl::Seconds(10);  // until it is ready
};

// The program beside this one.
std::string SessiondProgram();

// A connection to the sessiond of this socket; starts one where there is none: in a session of its own, without a
// terminal and without anything of ours that is open. Of several that start one at once, one does. kUnavailable when
// none comes up, with where to look.
absl::StatusOr<std::unique_ptr<SessiondClient>> ConnectOrLaunch(const SessiondLaunchOptions& options);

}  // namespace eventlog

#endif  // PRODUCERS_SESSION_SESSIOND_LAUNCH_H_
