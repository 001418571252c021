#include "producers/session/session_id.h"

#include <algorithm>
#include <cstdint>
#include <random>

namespace eventlog {
namespace {

// Crockford's base 32: no i, l, o and u.
constexpr absl::string_view kDigits = "0123456789abcdefghjkmnpqrstvwxyz";
constexpr int kTimeDigits = 10;
constexpr int kRandomDigits = 8;

void AppendDigits(uint64_t number, int digits, std::string& out) {
  for (int i = digits - 1; i >= 0; --i) out.push_back(kDigits[(number >> (5 * i)) & 31]);
}

}  // namespace

std::string NewSessionId(absl::Time now) {
  // From the kernel each time: a process that was forked has no copy of it.
  std::random_device random;
  const uint64_t chance = (uint64_t{random()} << 32) | random();
  std::string id;
  AppendDigits(static_cast<uint64_t>(absl::ToUnixMillis(now)), kTimeDigits, id);
  AppendDigits(chance, kRandomDigits, id);
  return id;
}

bool IsSessionId(absl::string_view text) {
  return text.size() == kTimeDigits + kRandomDigits &&
         std::all_of(text.begin(), text.end(), [](char c) { return kDigits.find(c) != absl::string_view::npos; });
}

}  // namespace eventlog
