// How a client wants its events delivered, and the strict reading of each part of it.

#ifndef GATEWAY_SVC_HTTP_DELIVERY_OPTIONS_H_
#define GATEWAY_SVC_HTTP_DELIVERY_OPTIONS_H_

#include <cstdint>
#include <optional>

#include "absl/status/status.h"
#include "absl/strings/string_view.h"
#include "absl/time/time.h"
#include "gateway-svc/hub/frame_spec.h"

namespace gateway {

inline constexpr absl::Duration kHeartbeatDefault = absl::Seconds(15);

class DeliveryOptions {
 public:
  // Errors are kInvalidArgument and name the parameter and what would be right.
  absl::Status SetMode(absl::string_view text);
  absl::Status SetBatchMax(int64_t events);
  absl::Status SetLingerMs(int64_t milliseconds);
  absl::Status SetOnGap(absl::string_view text);

  DeliveryMode mode() const { return mode_; }
  // What holds where nothing was said depends on the mode.
  int64_t batch_max() const;
  // Least time between two messages of events; absent: the gateway decides.
  std::optional<absl::Duration> linger() const;
  bool fail_on_gap() const { return fail_on_gap_; }

 private:
  DeliveryMode mode_ = DeliveryMode::kLossless;
  bool fail_on_gap_ = false;
  int16_t batch_max_ = 0;   // 0: not said
  int16_t linger_ms_ = -1;  // -1: not said
};

// Reads "heartbeat_s".
absl::Status SetHeartbeatSeconds(int64_t seconds, absl::Duration& heartbeat);

}  // namespace gateway

#endif  // GATEWAY_SVC_HTTP_DELIVERY_OPTIONS_H_
