// This very program, started again on its own: it outlives us, has no terminal, and holds nothing of ours.

#ifndef PRODUCERS_SPOOL_DETACHED_PROCESS_H_
#define PRODUCERS_SPOOL_DETACHED_PROCESS_H_

#include <string>
#include <vector>

#include "absl/status/status.h"

namespace eventlog {

// Runs /proc/self/exe with these arguments, and the environment as it is: in a session of its own, child of init, in
// the folder /, standard streams on /dev/null, no other descriptor open (so that nobody who reads our pipes waits for
// it), no signal blocked, ignored or handled, umask 077. Returns when the program is in place; does not wait for its
// end. Also from a program with threads. kInternal says what the system refused.
absl::Status StartDetached(const std::vector<std::string>& arguments);

}  // namespace eventlog

#endif  // PRODUCERS_SPOOL_DETACHED_PROCESS_H_
