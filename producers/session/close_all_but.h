// For a process that was forked to outlive others: whoever waits for the end of a pipe or a lock must not wait for it.
//
// Safe in a signal handler, so also in the child of a process with threads. Linux.

#ifndef PRODUCERS_SESSION_CLOSE_ALL_BUT_H_
#define PRODUCERS_SESSION_CLOSE_ALL_BUT_H_

#include "absl/types/span.h"

namespace eventlog {

// Closes every other descriptor. Those of `kept` that are below 0 are none; it is sorted here.
void CloseAllBut(absl::Span<int> kept);

}  // namespace eventlog

#endif  // PRODUCERS_SESSION_CLOSE_ALL_BUT_H_
