#include "gateway-svc/hub/frame_cache.h"

namespace gateway {

SharedFramePtr FrameCache::Find(uint64_t group, const std::string& epoch, int64_t offset) {
  if (epoch_ != epoch) {
    frames_.clear();
    order_.clear();
    bytes_ = 0;
    epoch_ = epoch;
  }
  const auto kept = frames_.find(Place(group, offset));
  return kept == frames_.end() ? nullptr : kept->second;
}

void FrameCache::Keep(uint64_t group, SharedFramePtr frame) {
  const Place place(group, frame->start_offset);
  bytes_ += CostOf(*frame);
  if (!frames_.emplace(place, frame).second) {
    bytes_ -= CostOf(*frame);
    return;
  }
  order_.push_back(place);
  while (bytes_ > bytes_max_ && order_.size() > 1) {
    const auto oldest = frames_.find(order_.front());
    order_.pop_front();
    bytes_ -= CostOf(*oldest->second);
    frames_.erase(oldest);
  }
}

}  // namespace gateway
