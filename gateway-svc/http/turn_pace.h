// How those who catch up share a shard, and the cores, with events that come meanwhile: when turns have been given for
// a while, the shard rests for as long. The rest is the others': of the log, of the receivers, of this machine's live
// path; and more pages are there for the next write. Where no events come there is no rest.

#ifndef GATEWAY_SVC_HTTP_TURN_PACE_H_
#define GATEWAY_SVC_HTTP_TURN_PACE_H_

#include "absl/time/time.h"

namespace gateway {

// A pure state machine; times are of any monotonic clock, as durations since its begin.
class TurnPace {
 public:
  // Events that came so long ago do not matter any more.
  static constexpr absl::Duration kEventsLast = absl::Milliseconds(100);

  // There were new events.
  void OnEvents(absl::Duration now) { events_at_ = now; }
  // Turns were given from `begin` to `end`, and somebody wants one still. Zero: go on at once; else after so long.
  absl::Duration RestAfter(absl::Duration begin, absl::Duration end) const {
    return end - events_at_ < kEventsLast ? end - begin : absl::ZeroDuration();
  }

 private:
  absl::Duration events_at_ = -absl::InfiniteDuration();
};

}  // namespace gateway

#endif  // GATEWAY_SVC_HTTP_TURN_PACE_H_
