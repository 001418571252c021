// Whether a history of calls on a log can be explained: is there an order of the operations, in which each takes effect
// at one moment between its call and its return, that a log without concurrency could have answered so?
//
// The model: a log is a list of events. An append puts its events behind the list as one step, at the offsets that it
// was told; with expected_next_offset only if that is the list's length. A refused compare saw the length that it named
// and another than it expected. GetLogStats sees the length. Read sees a part of the list as it is, and with
// end_of_log all of it from its start on. An append of unknown outcome happens at any moment after its call, or never:
// crashes and restarts of the service are nothing else.
//
// The algorithm is that of Wing and Gong ("Testing and Verifying Concurrent Objects", 1993) with the memory of Lowe
// ("Testing for Linearizability", 2017), as in Knossos and Porcupine: a depth-first search over the operations that
// may come next, which never enters the same set of operations with the same list twice. Lists are compared as what
// they are, not by a hash. Two things are known before the search: an offset holds one event for good, so that an
// append that anybody saw at an offset can only have happened there; and a log never shrinks, so that it cannot grow
// beyond a head that somebody must still have seen. Without them, appends of unknown outcome that nobody saw would make
// the search endless.
//
// A history is of one log. Logs are independent (linearizability is local, Herlihy and Wing 1990): check each for
// itself.

#ifndef TESTS_SUPPORT_LINEARIZABILITY_H_
#define TESTS_SUPPORT_LINEARIZABILITY_H_

#include <cstdint>

#include "absl/status/status.h"
#include "tests/support/log_history.h"

namespace eventlog {

struct LinearizabilityOptions {
  // Steps of the search. A history that is right takes about one for each operation and each that is beside it.
  int64_t steps_max = 20'000'000;
};

// OK when there is such an order. kFailedPrecondition when there is none, with the operations that have no place and
// why. kResourceExhausted when the search was too long to tell.
absl::Status CheckLinearizable(const LogHistory& history, const LinearizabilityOptions& options = {});

}  // namespace eventlog

#endif  // TESTS_SUPPORT_LINEARIZABILITY_H_
