// Events in the form in which the gateway keeps them: encoded once, immutable, shared.

#ifndef GATEWAY_SVC_HUB_EVENT_BLOCK_H_
#define GATEWAY_SVC_HUB_EVENT_BLOCK_H_

#include <cstddef>
#include <cstdint>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "absl/time/time.h"

namespace gateway {

// One event: what a filter looks at, and its JSON object as clients get it.
struct EncodedEvent {
  int64_t offset = 0;
  absl::Time append_time;  // never falls from one event to the next
  std::string type;
  std::string subject;
  std::string source;  // "/" when the event has none
  std::vector<std::pair<std::string, std::string>> attributes;
  std::string json;
};

enum class BlockGap { kNone, kTrimmed, kCorrupt, kUnavailable };

// A run of the log, [start_offset, next_offset): either its events, ascending, or a gap. Offsets inside the run without
// an event do not exist in the log.
struct EventBlock {
  int64_t start_offset = 0;
  int64_t next_offset = 0;
  BlockGap gap = BlockGap::kNone;
  std::vector<EncodedEvent> events;  // empty when it is a gap
  size_t bytes = 0;                  // memory that it takes, about
};

using EventBlockPtr = std::shared_ptr<const EventBlock>;

}  // namespace gateway

#endif  // GATEWAY_SVC_HUB_EVENT_BLOCK_H_
