// The events of the fan-out benchmark: records by their offset, and the JSON and frames that clients get.

#ifndef TESTS_BENCH_BROADCAST_EVENTS_H_
#define TESTS_BENCH_BROADCAST_EVENTS_H_

#include <cstddef>
#include <cstdint>
#include <string>
#include <vector>

#include "absl/strings/string_view.h"
#include "proto/eventlog/v1/event.pb.h"

namespace eventlog::bench {

// Where the logs of the benchmark begin: an offset with as many digits as most have.
inline constexpr int64_t kFirstOffset = 10'000;

// A record of that type whose JSON at the gateway has `json_bytes`, at kFirstOffset. `data` is a JSON object; it gets a
// field of as many letters as are missing.
v1::Record MakeEventRecord(int64_t offset, absl::string_view type, size_t json_bytes, absl::string_view data = "{}");

// The JSON of an event, as the gateway sends it.
std::string EventJson(const v1::Record& record);

// A WebSocket frame like the gateway's with these events, the last ones below `next_offset`.
std::string EventsFrame(const std::vector<std::string>& events, int64_t next_offset);

}  // namespace eventlog::bench

#endif  // TESTS_BENCH_BROADCAST_EVENTS_H_
