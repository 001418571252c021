// How runs of events become bytes on a wire. The hub shares the result among clients without knowing what it means.

#ifndef GATEWAY_SVC_HUB_FRAME_FORMAT_H_
#define GATEWAY_SVC_HUB_FRAME_FORMAT_H_

#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "absl/strings/string_view.h"
#include "gateway-svc/hub/event_block.h"

namespace gateway {

class FrameFormat {
 public:
  virtual ~FrameFormat() = default;
  // `events` are JSON objects, at least one; everything before `next_offset` is behind the client with them.
  virtual std::string Events(const std::vector<absl::string_view>& events, absl::string_view epoch,
                             int64_t next_offset) const = 0;
  // The range [start_offset, next_offset) cannot be delivered.
  virtual std::string Gap(BlockGap reason, absl::string_view epoch, int64_t start_offset,
                          int64_t next_offset) const = 0;
};

// A built frame: immutable, shared by every client that is at start_offset with the same filter.
struct SharedFrame {
  int64_t start_offset = 0;
  int64_t next_offset = 0;
  int64_t event_count = 0;
  bool is_gap = false;
  std::string bytes;  // empty when the filter took no event of the range
};

using SharedFramePtr = std::shared_ptr<const SharedFrame>;

}  // namespace gateway

#endif  // GATEWAY_SVC_HUB_FRAME_FORMAT_H_
