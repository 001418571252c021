#include "eventlog-svc/rpc/uuid_v7.h"

namespace eventlog {
namespace {

constexpr uint32_t kCounterMax = 0xFFF;
constexpr uint32_t kCounterStartMax = 0x7FF;  // half of it is left for counting up

// The 16 bytes of a UUID as it is written.
UuidText ToText(uint64_t high, uint64_t low) {
  constexpr char kDigits[] = "0123456789abcdef";
  constexpr std::array<bool, 36> kDashAt = [] {
    std::array<bool, 36> at{};
    at[8] = at[13] = at[18] = at[23] = true;
    return at;
  }();
  UuidText text;
  int digit = 0;
  for (size_t i = 0; i < text.size(); ++i) {
    if (kDashAt[i]) {
      text[i] = '-';
      continue;
    }
    const uint64_t half = digit < 16 ? high : low;
    text[i] = kDigits[half >> (60 - 4 * (digit % 16)) & 0xF];
    ++digit;
  }
  return text;
}

}  // namespace

UuidText UuidV7Generator::Next(absl::Time now) {
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
  constexpr uint64_t kVersion = 0x7000;
  constexpr uint64_t kVariant = uint64_t{1} << 63;
  return ToText(static_cast<uint64_t>(ms) << 16 | kVersion | counter, kVariant | tail >> 2);
}

}  // namespace eventlog
