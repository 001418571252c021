// A client, as far as the log is concerned: the next offset that it has not been given. Not a queue: what a client
// needs is pulled when its socket can take it.

#ifndef GATEWAY_SVC_HUB_CLIENT_CURSOR_H_
#define GATEWAY_SVC_HUB_CLIENT_CURSOR_H_

#include <cstddef>
#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "gateway-svc/hub/event_ring.h"
#include "gateway-svc/hub/filter_group.h"
#include "gateway-svc/hub/frame_format.h"

namespace gateway {

struct Pulled {
  enum class State {
    kMore,      // bytes_max was reached; pull again when they are sent
    kCaughtUp,  // nothing is left: the ring tells its listeners when there is
    kWaiting,   // a cold read is under way: `wake` tells
    kFailed,    // see `status`; pull again later
    kOtherLog,  // the log was replaced: this cursor means nothing any more
  };
  State state = State::kCaughtUp;
  std::vector<SharedFramePtr> frames;  // in order, none of them empty
  size_t bytes = 0;
  absl::Status status;
};

// The shard's thread only.
class ClientCursor {
 public:
  // `wake` is called on any thread, at most once for each Pull that said kWaiting, perhaps after the cursor is gone.
  ClientCursor(std::shared_ptr<FilterGroup> group, const EventRing& ring, std::string epoch, int64_t next_offset,
               std::function<void()> wake);

  // At least one frame when there is one; stops before a further frame would exceed `bytes_max`.
  Pulled Pull(size_t bytes_max);

  // Everything before it was given, or did not pass the filter.
  int64_t next_offset() const { return next_offset_; }
  const std::string& epoch() const { return epoch_; }

 private:
  const std::shared_ptr<FilterGroup> group_;
  const EventRing& ring_;
  const std::string epoch_;
  int64_t next_offset_;
  const std::function<void()> wake_;
};

}  // namespace gateway

#endif  // GATEWAY_SVC_HUB_CLIENT_CURSOR_H_
