// The frames that the filter groups of one shard built last, for other clients that come to the same place.
//
// One budget for the whole shard, whatever the number of groups: a client may bring a filter of its own, and must not
// bring memory of its own with it.

#ifndef GATEWAY_SVC_HUB_FRAME_CACHE_H_
#define GATEWAY_SVC_HUB_FRAME_CACHE_H_

#include <cstddef>
#include <cstdint>
#include <deque>
#include <string>
#include <utility>

#include "absl/container/flat_hash_map.h"
#include "gateway-svc/hub/frame_format.h"

namespace gateway {

// The shard's thread only.
class FrameCache {
 public:
  // What a kept frame costs besides its bytes: an empty one takes memory too.
  static constexpr size_t kFrameOverheadBytes = 256;

  explicit FrameCache(size_t bytes_max) : bytes_max_(bytes_max) {}

  // A number for a new group; never given again.
  uint64_t NewGroup() { return next_group_++; }

  // The frame of `group` that begins at `offset` of the log `epoch`, or null. Another epoch than before empties the
  // cache.
  SharedFramePtr Find(uint64_t group, const std::string& epoch, int64_t offset);
  // Keeps a frame that Find did not have, of the epoch that it was asked for. The oldest frames go beyond the budget;
  // the newest always stays.
  void Keep(uint64_t group, SharedFramePtr frame);

  size_t bytes() const { return bytes_; }

 private:
  using Place = std::pair<uint64_t, int64_t>;  // group, start offset

  static size_t CostOf(const SharedFrame& frame) { return frame.bytes.size() + kFrameOverheadBytes; }

  const size_t bytes_max_;
  uint64_t next_group_ = 0;
  std::string epoch_;
  absl::flat_hash_map<Place, SharedFramePtr> frames_;
  std::deque<Place> order_;  // oldest first
  size_t bytes_ = 0;
};

}  // namespace gateway

#endif  // GATEWAY_SVC_HUB_FRAME_CACHE_H_
