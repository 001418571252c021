#include "eventlog-svc/rpc/uuid_v7.h"

#include "absl/strings/str_format.h"

namespace eventlog {
namespace {

constexpr uint32_t kCounterMax = 0xFFF;
constexpr uint32_t kCounterStartMax = 0x7FF;  // half of it is left for counting up

}  // namespace

std::string UuidV7Generator::Next(absl::Time now) {
  int64_t ms = absl::ToUnixMillis(now);
  uint32_t counter = 0;
  uint64_t tail = 0;
  {
    absl::MutexLock lock(&mutex_);
    if (ms > last_ms_) {
      counter_ = absl::Uniform<uint32_t>(absl::IntervalClosed, random_, 0, kCounterStartMax);
    } else {
      ms = last_ms_;
      if (++counter_ > kCounterMax) {
        ++ms;
        counter_ = 0;
      }
    }
    last_ms_ = ms;
    counter = counter_;
    tail = absl::Uniform<uint64_t>(random_);
  }
  const uint64_t variant = 0x8000 | (tail >> 48 & 0x3FFF);
  return absl::StrFormat("%08x-%04x-7%03x-%04x-%012x", ms >> 16, ms & 0xFFFF, counter, variant,
                         tail & 0xFFFF'FFFF'FFFF);
}

}  // namespace eventlog
