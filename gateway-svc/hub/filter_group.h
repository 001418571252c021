// The clients of one shard that want the same events in the same form share the frames that are built for them.
//
// A client that stands where a kept frame begins gets that one, so clients that were woken together build once. Those
// at odd places fall into step: a frame of cold events ends where their page ends.

#ifndef GATEWAY_SVC_HUB_FILTER_GROUP_H_
#define GATEWAY_SVC_HUB_FILTER_GROUP_H_

#include <atomic>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <string>

#include "absl/status/statusor.h"
#include "gateway-svc/hub/cold_reader.h"
#include "gateway-svc/hub/event_ring.h"
#include "gateway-svc/hub/frame_cache.h"
#include "gateway-svc/hub/frame_format.h"
#include "gateway-svc/hub/frame_spec.h"

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
  FrameCounters* counters = nullptr;
  FrameCache* kept = nullptr;
  std::shared_ptr<PageWaiter> waiter = nullptr;  // hears when a cold read is done
  size_t frame_bytes_max = 64 * 1024;            // a frame ends with the event that exceeds it
};

// The shard's thread only.
class FilterGroup {
 public:
  FilterGroup(FrameSources sources, FrameSpec spec);

  // The frame that begins at `offset`, which is below the ring's head and the spec's until_offset. Null: the page that
  // it begins in is being read. It is kept when others than the caller may come for it.
  absl::StatusOr<SharedFramePtr> FrameAt(int64_t offset, const RingState& state, bool others);

  const FrameSpec& spec() const { return spec_; }

 private:
  void Remember(const SharedFramePtr& frame, const RingState& state);
  absl::StatusOr<SharedFramePtr> Build(int64_t offset, const RingState& state);

  const FrameSources sources_;
  const FrameSpec spec_;
  const uint64_t number_;  // in the cache
  // Given out last, its begin, and of which life: the next client mostly wants the same. Weak: a group has no memory of
  // its own for frames.
  std::weak_ptr<const SharedFrame> last_;
  int64_t last_offset_ = -1;
  int64_t last_life_ = 0;
};

}  // namespace gateway

#endif  // GATEWAY_SVC_HUB_FILTER_GROUP_H_
