// Events as coding agents' sessions produce them: text in small pieces, tool calls and their results, hooks. Made from
// the offset alone, so the same at each run; ids are as random as real ones, and words as frequent as in prose, so that
// they compress as such events do.

#ifndef TESTS_BENCH_SESSION_EVENTS_H_
#define TESTS_BENCH_SESSION_EVENTS_H_

#include <cstdint>

#include "proto/eventlog/v1/event.pb.h"

namespace eventlog::bench {

// The event at that offset. Thread safe.
v1::Record SessionRecord(int64_t offset);

}  // namespace eventlog::bench

#endif  // TESTS_BENCH_SESSION_EVENTS_H_
