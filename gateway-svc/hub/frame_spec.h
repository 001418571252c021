// What a client wants to get, as far as it decides the bytes: clients with equal specs share frames.

#ifndef GATEWAY_SVC_HUB_FRAME_SPEC_H_
#define GATEWAY_SVC_HUB_FRAME_SPEC_H_

#include <cstdint>
#include <limits>
#include <string>

#include "absl/time/time.h"
#include "gateway-svc/hub/filter.h"
#include "gateway-svc/hub/frame_format.h"

namespace gateway {

enum class DeliveryMode {
  kLossless,
  kConflate,  // of a frame's events with the same type and subject, the newest
  kSample,    // of a frame's events, the newest batch_max
};

// The names that clients use: "lossless", "conflate", "sample".
const char* DeliveryModeName(DeliveryMode mode);

struct FrameSpec {
  Filter filter;                  // normalized
  FrameFormat* format = nullptr;  // of the shard
  DeliveryMode mode = DeliveryMode::kLossless;
  int64_t batch_max = 1000;  // events of one frame, at least 1
  // Frames end before this offset, and before the first event appended at this time or later.
  int64_t until_offset = std::numeric_limits<int64_t>::max();
  absl::Time until_time = absl::InfiniteFuture();
};

// Equal for equal specs, different for different ones.
std::string FrameSpecKey(const FrameSpec& spec);

}  // namespace gateway

#endif  // GATEWAY_SVC_HUB_FRAME_SPEC_H_
