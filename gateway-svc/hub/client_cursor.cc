#include "gateway-svc/hub/client_cursor.h"

#include <utility>

namespace gateway {
namespace {

// Of which nothing is wanted, in one pull.
constexpr int64_t kScannedOffsetsMax = 4'000;

}  // namespace

ClientCursor::ClientCursor(std::shared_ptr<FilterGroup> group, const RingState& state, int64_t next_offset)
    : group_(std::move(group)), life_(state.life), next_offset_(next_offset), epoch_(state.epoch) {}

void ClientCursor::Join(std::shared_ptr<FilterGroup> group) { group_ = std::move(group); }

Pulled ClientCursor::Pull(const RingState& state) {
  Pulled pulled;
  if (!IsOf(state)) {
    pulled.state = IsOfOther(state) ? Pulled::State::kOtherLog : Pulled::State::kStale;
    return pulled;
  }
  int64_t scanned = 0;
  const bool others = group_.use_count() > 1;  // only this shard's cursors own the group, on this thread
  while (!ended_ && next_offset_ < state.head && next_offset_ < spec().until_offset) {
    absl::StatusOr<SharedFramePtr> frame = group_->FrameAt(next_offset_, state, others);
    if (!frame.ok()) {
      pulled.state = Pulled::State::kFailed;
      pulled.status = frame.status();
      return pulled;
    }
    if (*frame == nullptr) {
      pulled.state = Pulled::State::kWaiting;
      return pulled;
    }
    next_offset_ = (*frame)->next_offset;
    ended_ = (*frame)->is_last;
    if ((*frame)->bytes.empty()) {
      scanned += next_offset_ - (*frame)->start_offset;
      if (scanned < kScannedOffsetsMax) continue;
      pulled.state = Pulled::State::kScanned;
      return pulled;
    }
    pulled.state = Pulled::State::kFrame;
    pulled.frame = *std::move(frame);
    return pulled;
  }
  const bool ended = ended_ || next_offset_ >= spec().until_offset;
  pulled.state = ended ? Pulled::State::kEnded : Pulled::State::kCaughtUp;
  return pulled;
}

}  // namespace gateway
