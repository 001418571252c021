#include "gateway-svc/http/delivery_options.h"

#include "gateway-svc/http/input_error.h"

namespace gateway {
namespace {

constexpr int64_t kBatchMax = 10'000;
constexpr int64_t kBatchDefault = 1'000;
constexpr int64_t kLingerMsMax = 10'000;
constexpr absl::Duration kViewerLinger = absl::Milliseconds(100);
constexpr int64_t kHeartbeatSecondsMax = 3600;

absl::Status CheckRange(absl::string_view name, int64_t value, int64_t least, int64_t most) {
  if (value >= least && value <= most) return absl::OkStatus();
  return InputError(name, ": ", value, " is not a whole number of ", least, " to ", most);
}

}  // namespace

absl::Status DeliveryOptions::SetMode(absl::string_view text) {
  for (const DeliveryMode mode : {DeliveryMode::kLossless, DeliveryMode::kConflate, DeliveryMode::kSample}) {
    if (text != DeliveryModeName(mode)) continue;
    mode_ = mode;
    return absl::OkStatus();
  }
  return InputError("mode: ", Quoted(text), " is none of lossless, conflate and sample");
}

absl::Status DeliveryOptions::SetBatchMax(int64_t events) {
  absl::Status status = CheckRange("batch_max", events, 1, kBatchMax);
  if (status.ok()) batch_max_ = static_cast<int16_t>(events);
  return status;
}

absl::Status DeliveryOptions::SetLingerMs(int64_t milliseconds) {
  absl::Status status = CheckRange("linger_ms", milliseconds, 0, kLingerMsMax);
  if (status.ok()) linger_ms_ = static_cast<int16_t>(milliseconds);
  return status;
}

absl::Status DeliveryOptions::SetOnGap(absl::string_view text) {
  if (text != "skip" && text != "fail") return InputError("on_gap: ", Quoted(text), " is neither skip nor fail");
  fail_on_gap_ = text == "fail";
  return absl::OkStatus();
}

int64_t DeliveryOptions::batch_max() const {
  if (batch_max_ > 0) return batch_max_;
  return mode_ == DeliveryMode::kSample ? 1 : kBatchDefault;
}

std::optional<absl::Duration> DeliveryOptions::linger() const {
  if (linger_ms_ >= 0) return absl::Milliseconds(linger_ms_);
  if (mode_ == DeliveryMode::kLossless) return std::nullopt;
  return kViewerLinger;
}

absl::Status SetHeartbeatSeconds(int64_t seconds, absl::Duration& heartbeat) {
  absl::Status status = CheckRange("heartbeat_s", seconds, 1, kHeartbeatSecondsMax);
  if (status.ok()) heartbeat = absl::Seconds(seconds);
  return status;
}

}  // namespace gateway
