// A client, as far as the log is concerned: the next offset that it has not been given. Not a queue: what a client
// needs is pulled when its socket can take it.

#ifndef GATEWAY_SVC_HUB_CLIENT_CURSOR_H_
#define GATEWAY_SVC_HUB_CLIENT_CURSOR_H_

#include <cstdint>
#include <memory>
#include <string>

#include "absl/status/status.h"
#include "gateway-svc/hub/event_ring.h"
#include "gateway-svc/hub/filter_group.h"
#include "gateway-svc/hub/frame_format.h"

namespace gateway {

struct Pulled {
  enum class State {
    kFrame,     // `frame` is next, and not empty
    kScanned,   // much was looked at and nothing of it is wanted: pull again when others had their turns
    kCaughtUp,  // nothing is left: the ring tells its listeners when there is
    kStale,     // the state is from before the cursor began: the ring's listeners are about to hear of a newer one
    kEnded,     // the spec's end was reached: nothing will come
    kWaiting,   // the page of next_offset() is being read: the group's waiter hears when to pull again
    kFailed,    // see `status`; pull again later
    kOtherLog,  // the log was replaced: this cursor means nothing any more
  };
  State state = State::kCaughtUp;
  SharedFramePtr frame;
  absl::Status status;
};

// The shard's thread only.
class ClientCursor {
 public:
  // `state` is the ring's, in whose life of the log `next_offset` is meant.
  ClientCursor(std::shared_ptr<FilterGroup> group, const RingState& state, int64_t next_offset);

  // The next frame. `state` is the ring's.
  Pulled Pull(const RingState& state);

  // From now on as another group wants it; what was pulled stays.
  void Join(std::shared_ptr<FilterGroup> group);

  // Whether `state` is of the life of the log that it began in, or of a later one.
  bool IsOf(const RingState& state) const { return state.life == life_; }
  bool IsOfOther(const RingState& state) const { return state.life > life_; }

  const FrameSpec& spec() const { return group_->spec(); }
  // Everything before it was given, or is not wanted.
  int64_t next_offset() const { return next_offset_; }
  const std::string& epoch() const { return epoch_; }

 private:
  std::shared_ptr<FilterGroup> group_;
  int64_t life_;
  int64_t next_offset_;
  bool ended_ = false;
  const std::string epoch_;
};

}  // namespace gateway

#endif  // GATEWAY_SVC_HUB_CLIENT_CURSOR_H_
