#include "gateway-svc/hub/frame_spec.h"

#include "absl/strings/str_cat.h"

namespace gateway {

const char* DeliveryModeName(DeliveryMode mode) {
  switch (mode) {
    case DeliveryMode::kConflate:
      return "conflate";
    case DeliveryMode::kSample:
      return "sample";
    case DeliveryMode::kLossless:
      break;
  }
  return "lossless";
}

std::string FrameSpecKey(const FrameSpec& spec) {
  return absl::StrCat(absl::Hex(reinterpret_cast<uintptr_t>(spec.format)), "/", static_cast<int>(spec.mode), "/",
                      spec.batch_max, "/", spec.until_offset, "/", absl::ToUnixNanos(spec.until_time), "/",
                      FilterKey(spec.filter));
}

}  // namespace gateway
