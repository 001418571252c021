#include "gateway-svc/http/start_lookup.h"

#include <boost/asio/post.hpp>
#include <utility>

namespace gateway {
namespace {

using Done = std::function<void(const FoundStart&)>;

StartPosition Refused(StartRefusal refusal) {
  StartPosition position;
  position.kind = StartPosition::Kind::kRefused;
  position.refusal = std::move(refusal);
  return position;
}

StartPosition FromLog(const StartCursor& start, StartPosition::Kind asked, const RingState& state,
                      const absl::StatusOr<LogPosition>& found) {
  if (!found.ok()) return Refused(LookupFailed(found.status()));
  if (found->epoch != state.epoch) {
    return Refused({kCloseNoUpstream, "UPSTREAM_UNAVAILABLE", "the log is being replaced by another: try again later"});
  }
  if (asked == StartPosition::Kind::kAskHead) return ConfirmHead(start, found->offset);
  StartPosition position;
  position.offset = found->offset;
  return position;
}

}  // namespace

void FindStart(ClientHost& host, const StartCursor& start, std::weak_ptr<void> alive, Done done) {
  const RingState now = host.ring().state();
  const StartPosition position = DecideStart(start, now);
  const StartPosition::Kind asked = position.kind;
  if (asked == StartPosition::Kind::kOffset || asked == StartPosition::Kind::kRefused) return done({position, now});
  auto answered = [&host, io = host.io(), alive = std::move(alive), start, asked,
                   done = std::move(done)](absl::StatusOr<LogPosition> found) mutable {
    boost::asio::post(*io, [&host, alive = std::move(alive), start = std::move(start), asked, done = std::move(done),
                            found = std::move(found)] {
      const auto keep = alive.lock();
      if (keep == nullptr) return;
      const RingState state = host.ring().state();
      done({FromLog(start, asked, state, found), state});
    });
  };
  if (asked == StartPosition::Kind::kAskTime) {
    host.pages().FindTime(position.time, std::move(answered));
  } else {
    host.pages().FindTail(asked == StartPosition::Kind::kAskTail ? position.tail : 0, std::move(answered));
  }
}

}  // namespace gateway
