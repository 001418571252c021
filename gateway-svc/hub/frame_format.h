// How runs of events become bytes on a wire. The hub shares the result among clients without knowing what it means.

#ifndef GATEWAY_SVC_HUB_FRAME_FORMAT_H_
#define GATEWAY_SVC_HUB_FRAME_FORMAT_H_

#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>

#include "absl/strings/string_view.h"
#include "absl/types/span.h"
#include "gateway-svc/hub/event_block.h"

namespace gateway {

// What a frame of events says.
struct EventRun {
  absl::Span<const absl::string_view> events;  // JSON objects, at least one
  absl::string_view epoch;
  int64_t next_offset = 0;         // everything before it is behind the client with them
  std::optional<int64_t> skipped;  // events that the mode left out, in modes that do
};

// The shard's thread only: it may keep what it needs from one frame to the next.
class FrameFormat {
 public:
  virtual ~FrameFormat() = default;
  virtual std::string Events(const EventRun& run) = 0;
  // The range [start_offset, next_offset) cannot be delivered.
  virtual std::string Gap(BlockGap reason, absl::string_view epoch, int64_t start_offset, int64_t next_offset) = 0;
};

// A built frame: immutable, shared by every client that is at start_offset and wants the same.
struct SharedFrame {
  int64_t start_offset = 0;
  int64_t next_offset = 0;
  int64_t event_count = 0;
  size_t raw_bytes = 0;  // of its events, before any compression
  bool is_gap = false;
  bool is_last = false;  // behind it comes what the client does not want any more (FrameSpec::until_time)
  std::string bytes;     // empty when nothing of the range is wanted
};

using SharedFramePtr = std::shared_ptr<const SharedFrame>;

}  // namespace gateway

#endif  // GATEWAY_SVC_HUB_FRAME_FORMAT_H_
