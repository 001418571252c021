// Appends at a steady rate that does not slow down with the service: the source of latency measurements.

#ifndef TESTS_BENCH_PACED_APPENDS_H_
#define TESTS_BENCH_PACED_APPENDS_H_

#include <functional>
#include <string>
#include <vector>

#include "absl/time/time.h"
#include "proto/eventlog/v1/event.pb.h"

namespace eventlog::bench {

// Appends `count` events, each in a message of one AppendStream, `interval` apart, to the log "events" at `address`.
// `make` makes each when it is its turn. Gives the time from sending to the acknowledgement of each, in milliseconds.
// Crashes on a refused append.
std::vector<float> AppendPaced(const std::string& address, int count, absl::Duration interval,
                               const std::function<v1::Event()>& make);

}  // namespace eventlog::bench

#endif  // TESTS_BENCH_PACED_APPENDS_H_
