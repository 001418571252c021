// What the listener counts. Written by its thread, read by the operations port.

#ifndef GATEWAY_SVC_HTTP_ACCEPT_COUNTERS_H_
#define GATEWAY_SVC_HTTP_ACCEPT_COUNTERS_H_

#include <atomic>
#include <cstdint>

namespace gateway {

struct AcceptCounters {
  std::atomic<int64_t> accepted{0};         // by the kernel's word, also those that are refused next
  std::atomic<int64_t> refused_cap{0};      // closed at once: far more than --connections_max
  std::atomic<int64_t> refused_address{0};  // closed at once: --connections_per_address_max
  std::atomic<int64_t> failed{0};           // tries that failed for want of file descriptors or memory
  std::atomic<int64_t> paused{0};           // pauses for --accepts_per_second_max
};

}  // namespace gateway

#endif  // GATEWAY_SVC_HTTP_ACCEPT_COUNTERS_H_
