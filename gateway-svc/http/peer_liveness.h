// Whether the peer of a connection is still there: when to ping it, and when its silence means that it is gone.
//
// What we send proves nothing, since the kernel takes it for a peer that is long dead. Proof are the peer's own bytes,
// and a socket that was full and takes bytes again: then the peer took some, and the ping may lie behind others that it
// reads slowly.

#ifndef GATEWAY_SVC_HTTP_PEER_LIVENESS_H_
#define GATEWAY_SVC_HTTP_PEER_LIVENESS_H_

#include <algorithm>

#include "absl/time/time.h"

namespace gateway {

// A pure state machine; times are of any monotonic clock, as durations since its begin.
class PeerLiveness {
 public:
  PeerLiveness(absl::Duration ping_interval, absl::Duration pong_deadline, absl::Duration now)
      : ping_interval_(ping_interval), pong_deadline_(pong_deadline), last_ping_(now), last_sign_(now) {}

  void OnReceived(absl::Duration now) { last_sign_ = now; }
  void OnDrained(absl::Duration now) { last_sign_ = now; }
  void OnPing(absl::Duration now) {
    pong_due_ = true;
    last_ping_ = now;
  }
  void OnPong() { pong_due_ = false; }

  bool PingDue(absl::Duration now) const { return !pong_due_ && now - last_ping_ >= ping_interval_; }
  // When one of the two may become true, if nothing is heard until then.
  absl::Duration NextCheck() const {
    return pong_due_ ? std::max(last_ping_, last_sign_) + pong_deadline_ : last_ping_ + ping_interval_;
  }
  bool Gone(absl::Duration now) const { return pong_due_ && now - std::max(last_ping_, last_sign_) >= pong_deadline_; }

 private:
  const absl::Duration ping_interval_;
  const absl::Duration pong_deadline_;
  absl::Duration last_ping_;
  absl::Duration last_sign_;
  bool pong_due_ = false;
};

}  // namespace gateway

#endif  // GATEWAY_SVC_HTTP_PEER_LIVENESS_H_
