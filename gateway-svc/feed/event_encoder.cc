#include "gateway-svc/feed/event_encoder.h"

#include <memory>
#include <string>
#include <utility>

#include "absl/strings/str_cat.h"
#include "eventlog-svc/client/event_json.h"

namespace gateway {
namespace {

// `json` is memory to write to, which serves again.
EncodedEvent Encode(const eventlog::v1::Record& record, std::string& json) {
  EncodedEvent event;
  event.offset = record.offset();
  event.append_time =
      absl::FromUnixSeconds(record.append_time().seconds()) + absl::Nanoseconds(record.append_time().nanos());
  event.type = record.event().type();
  event.subject = record.event().subject();
  event.source = record.event().source().empty() ? "/" : record.event().source();
  event.attributes.assign(record.event().attributes().begin(), record.event().attributes().end());
  json.clear();
  eventlog::AppendEventJson(record, /*line=*/false, json);
  if (const size_t bytes = json.size(); bytes > kEventJsonBytesMax) {
    eventlog::v1::Record stub = record;
    stub.mutable_event()->clear_data();
    json.clear();
    eventlog::AppendEventJson(stub, /*line=*/false, json);
    json.pop_back();
    absl::StrAppend(&json, ",\"oversize_bytes\":", bytes, "}");
  }
  event.json = json;
  return event;
}

}  // namespace

EventBlockPtr EncodeBlock(int64_t start_offset, int64_t next_offset,
                          absl::Span<const eventlog::v1::Record* const> records) {
  auto block = std::make_shared<EventBlock>();
  block->start_offset = start_offset;
  block->next_offset = next_offset;
  block->bytes = sizeof(EventBlock);
  block->events.reserve(records.size());
  std::string json;
  for (const eventlog::v1::Record* const record : records) {
    EncodedEvent event = Encode(*record, json);
    block->bytes += sizeof(EncodedEvent) + event.json.capacity() + event.type.capacity() + event.subject.capacity() +
                    event.source.capacity();
    for (const auto& [key, value] : event.attributes) {
      block->bytes += sizeof(std::pair<std::string, std::string>) + key.capacity() + value.capacity();
    }
    block->events.push_back(std::move(event));
  }
  return block;
}

EventBlockPtr EncodeGap(const eventlog::v1::Gap& gap) {
  auto block = std::make_shared<EventBlock>();
  block->start_offset = gap.start_offset();
  block->next_offset = gap.next_offset();
  block->bytes = sizeof(EventBlock);
  switch (gap.reason()) {
    case eventlog::v1::GAP_REASON_TRIMMED:
      block->gap = BlockGap::kTrimmed;
      break;
    case eventlog::v1::GAP_REASON_CORRUPT:
      block->gap = BlockGap::kCorrupt;
      break;
    default:
      block->gap = BlockGap::kUnavailable;
  }
  return block;
}

}  // namespace gateway
