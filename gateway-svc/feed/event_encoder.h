// Records of the log into the blocks that the gateway keeps: each event becomes its JSON once.

#ifndef GATEWAY_SVC_FEED_EVENT_ENCODER_H_
#define GATEWAY_SVC_FEED_EVENT_ENCODER_H_

#include <cstddef>
#include <cstdint>

#include "absl/types/span.h"
#include "gateway-svc/hub/event_block.h"
#include "proto/eventlog/v1/event_log.pb.h"

namespace gateway {

// An event whose JSON is longer becomes a stub: everything but the payload, and "oversize_bytes", the size of its JSON.
inline constexpr size_t kEventJsonBytesMax = 1024 * 1024;

// The block of the records with offsets in [start_offset, next_offset), which are ascending.
EventBlockPtr EncodeBlock(int64_t start_offset, int64_t next_offset,
                          absl::Span<const eventlog::v1::Record* const> records);
// The block of a range that cannot be delivered.
EventBlockPtr EncodeGap(const eventlog::v1::Gap& gap);

}  // namespace gateway

#endif  // GATEWAY_SVC_FEED_EVENT_ENCODER_H_
