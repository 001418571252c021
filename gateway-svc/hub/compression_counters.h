// What compressing frames costs and saves.

#ifndef GATEWAY_SVC_HUB_COMPRESSION_COUNTERS_H_
#define GATEWAY_SVC_HUB_COMPRESSION_COUNTERS_H_

#include <atomic>
#include <cstdint>

namespace gateway {

// Written by one shard, read by anyone. Counts what is compressed, once for all clients that share it.
struct CompressionCounters {
  std::atomic<int64_t> frames{0};
  std::atomic<int64_t> bytes_in{0};
  std::atomic<int64_t> bytes_out{0};
};

}  // namespace gateway

#endif  // GATEWAY_SVC_HUB_COMPRESSION_COUNTERS_H_
