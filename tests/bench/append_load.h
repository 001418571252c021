// The load of the append benchmark: one AppendStream, a fixed number of events in a message and of messages in flight.

#ifndef TESTS_BENCH_APPEND_LOAD_H_
#define TESTS_BENCH_APPEND_LOAD_H_

#include <cstdint>
#include <string>

#include "absl/time/time.h"
#include "proto/eventlog/v1/event_log.pb.h"
#include "tests/bench/samples.h"

namespace eventlog::bench {

struct Shape {
  int events_per_message = 1;
  int messages_in_flight = 1;
  int event_bytes = 256;
};

struct AppendResultSummary {
  int64_t events = 0;
  absl::Duration elapsed;
  Samples latency_us;  // of a message, from write to answer
  double EventsPerSecond() const { return static_cast<double>(events) / absl::ToDoubleSeconds(elapsed); }
};

// `count` events of a type of its own and of so many bytes on the wire.
v1::AppendRequest MakeAppendRequest(int count, int event_bytes);

// Appends to the EventLog service at `address` for `duration`, then waits for the last answer. Crashes on a refused
// append.
AppendResultSummary RunAppendLoad(const std::string& address, const Shape& shape, absl::Duration duration);

// The same until `events` are in the log.
AppendResultSummary AppendEvents(const std::string& address, const Shape& shape, int64_t events);

}  // namespace eventlog::bench

#endif  // TESTS_BENCH_APPEND_LOAD_H_
