// The clients of one shard that want the same events share the frames that are built for them.
//
// A client that stands where a kept frame begins gets that one, so clients that were woken together build once and
// those at odd places fall into step.

#ifndef GATEWAY_SVC_HUB_FILTER_GROUP_H_
#define GATEWAY_SVC_HUB_FILTER_GROUP_H_

#include <atomic>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <memory>
#include <string>

#include "absl/status/statusor.h"
#include "gateway-svc/hub/cold_reader.h"
#include "gateway-svc/hub/event_ring.h"
#include "gateway-svc/hub/filter.h"
#include "gateway-svc/hub/frame_cache.h"
#include "gateway-svc/hub/frame_format.h"

namespace gateway {

// Written by one shard, read by anyone.
struct FrameCounters {
  std::atomic<int64_t> built{0};
  std::atomic<int64_t> shared{0};  // given to a client without being built
};

// What the groups of one shard work with. All must outlive them.
struct FrameSources {
  const EventRing* ring = nullptr;
  ColdReader* cold = nullptr;
  const FrameFormat* format = nullptr;
  FrameCounters* counters = nullptr;
  FrameCache* kept = nullptr;
  size_t frame_bytes_max = 64 * 1024;  // a frame ends with the event that exceeds it
};

// The shard's thread only.
class FilterGroup {
 public:
  // `filter` is normalized.
  FilterGroup(FrameSources sources, Filter filter);

  // The frame that begins at `offset`, which is below the ring's head. Null: cold, `wake` will be called (see
  // ColdReader). It is kept when others than the caller may come for it.
  absl::StatusOr<SharedFramePtr> FrameAt(int64_t offset, const RingState& state, bool others,
                                         const std::function<void()>& wake);

  const Filter& filter() const { return filter_; }

 private:
  absl::StatusOr<SharedFramePtr> Build(int64_t offset, const RingState& state, const std::function<void()>& wake);

  const FrameSources sources_;
  const Filter filter_;
  const uint64_t number_;  // in the cache
};

}  // namespace gateway

#endif  // GATEWAY_SVC_HUB_FILTER_GROUP_H_
