#include "gateway-svc/hub/client_cursor.h"

#include <utility>

namespace gateway {

ClientCursor::ClientCursor(std::shared_ptr<FilterGroup> group, const EventRing& ring, std::string epoch,
                           int64_t next_offset, std::function<void()> wake)
    : group_(std::move(group)),
      ring_(ring),
      epoch_(std::move(epoch)),
      next_offset_(next_offset),
      wake_(std::move(wake)) {}

Pulled ClientCursor::Pull(size_t bytes_max) {
  Pulled pulled;
  const RingState state = ring_.state();
  if (state.ready && state.epoch != epoch_) {
    pulled.state = Pulled::State::kOtherLog;
    return pulled;
  }
  const bool others = group_.use_count() > 1;  // only this shard's cursors own the group, on this thread
  while (next_offset_ < state.head) {
    absl::StatusOr<SharedFramePtr> frame = group_->FrameAt(next_offset_, state, others, wake_);
    if (!frame.ok()) {
      pulled.state = Pulled::State::kFailed;
      pulled.status = frame.status();
      return pulled;
    }
    if (*frame == nullptr) {
      pulled.state = Pulled::State::kWaiting;
      return pulled;
    }
    const size_t size = (*frame)->bytes.size();
    if (!pulled.frames.empty() && pulled.bytes + size > bytes_max) {
      pulled.state = Pulled::State::kMore;
      return pulled;
    }
    next_offset_ = (*frame)->next_offset;
    if (size == 0) continue;
    pulled.bytes += size;
    pulled.frames.push_back(*std::move(frame));
  }
  pulled.state = Pulled::State::kCaughtUp;
  return pulled;
}

}  // namespace gateway
