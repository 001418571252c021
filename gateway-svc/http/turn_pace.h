// When a shard gives turns to those who have much to catch up with, a slice of time at a time: one slice is under way
// or on its way, however many ask. Under load, where turns fill a slice and events come, the next slice follows after a
// rest as long as the one before, four milliseconds at most: the time is that of live clients and their receivers on
// the same cores, and more is there for the next write.

#ifndef GATEWAY_SVC_HTTP_TURN_PACE_H_
#define GATEWAY_SVC_HTTP_TURN_PACE_H_

#include <algorithm>
#include <optional>
#include <utility>

#include "absl/time/time.h"

namespace gateway {

// A pure state machine; times are of any monotonic clock, as durations since its begin.
class TurnPace {
 public:
  // How long turns are given before others go before.
  static constexpr absl::Duration kSlice = absl::Milliseconds(1);
  // Longer rests would repay what others took from the slice.
  static constexpr absl::Duration kRestMax = absl::Milliseconds(4);
  // Events that came so long ago do not matter any more.
  static constexpr absl::Duration kEventsLast = absl::Milliseconds(100);

  // New events were given to clients, by `now`.
  void OnEvents(absl::Duration now) { events_at_ = now; }
  // Somebody wants a turn. True: post a slice; else one comes anyway.
  bool Ask() { return !std::exchange(due_, true); }
  // A slice took from `begin` to `end`, and `more` of them want a turn still, who asked before or meanwhile: post the
  // next slice after so long. Nothing: post none.
  std::optional<absl::Duration> OnSlice(absl::Duration begin, absl::Duration end, bool more) {
    due_ = more;
    if (!more) return std::nullopt;
    const absl::Duration took = end - begin;
    const bool rests = took >= kSlice && end - events_at_ < kEventsLast;
    return rests ? std::min(took, kRestMax) : absl::ZeroDuration();
  }

 private:
  bool due_ = false;  // a slice is under way or on its way
  absl::Duration events_at_ = -absl::InfiniteDuration();
};

}  // namespace gateway

#endif  // GATEWAY_SVC_HTTP_TURN_PACE_H_
