// Counters that one thread writes and any reads.

#ifndef GATEWAY_SVC_HUB_COUNTER_H_
#define GATEWAY_SVC_HUB_COUNTER_H_

#include <atomic>
#include <cstdint>

namespace gateway {

// On the one thread that writes `counter`: without the lock that an atomic addition takes.
inline void Count(std::atomic<int64_t>& counter, int64_t count = 1) {
  counter.store(counter.load(std::memory_order_relaxed) + count, std::memory_order_relaxed);
}

}  // namespace gateway

#endif  // GATEWAY_SVC_HUB_COUNTER_H_
