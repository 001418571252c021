#include "eventlog-svc/storage/record_codec.h"

#include "eventlog-svc/storage/wire_writer.h"

namespace eventlog {
namespace {

// Field numbers and wire types as tag bytes: number * 8 + type (0 varint, 2 length delimited).
constexpr char kRecordsTag = 0x0A;     // SubscribeResponse.Batch.records = 1
constexpr char kEventTag = 0x0A;       // Record.event = 1
constexpr char kOffsetTag = 0x10;      // Record.offset = 2
constexpr char kAppendTimeTag = 0x1A;  // Record.append_time = 3
constexpr char kEventTimeTag = 0x2A;   // Event.time = 5

// As AppendRecords, for one; the room behind `at` suffices.
char* PutRecord(char* at, const EventView& event, int64_t offset, absl::string_view time) {
  const size_t time_field = 1 + time.size();
  const size_t event_size = event.wire.size() + (event.lacks_time ? time_field : 0);
  const uint64_t offset_bits = static_cast<uint64_t>(offset);
  const size_t offset_field = offset == 0 ? 0 : 1 + VarintSize(offset_bits);
  *at++ = kRecordsTag;
  at = PutVarint(at, 1 + VarintSize(event_size) + event_size + offset_field + time_field);
  *at++ = kEventTag;
  at = PutVarint(at, event_size);
  at = PutBytes(at, event.wire);
  if (event.lacks_time) {
    *at++ = kEventTimeTag;
    at = PutBytes(at, time);
  }
  if (offset != 0) {
    *at++ = kOffsetTag;
    at = PutVarint(at, offset_bits);
  }
  *at++ = kAppendTimeTag;
  return PutBytes(at, time);
}

// Where the varint at `at` ends; null when there is no whole one before `end`.
inline const char* ReadVarint(const char* at, const char* end, uint64_t& value) {
  value = 0;
  for (int shift = 0; shift < 64 && at != end; shift += 7) {
    const uint8_t byte = static_cast<uint8_t>(*at++);
    if (shift == 63 && byte > 1) return nullptr;
    value |= static_cast<uint64_t>(byte & 0x7F) << shift;
    if (byte < 0x80) return at;
  }
  return nullptr;
}

// Where the contents of the field with this tag begin, and their size; null when it is not one that ends before `end`.
inline const char* ReadBytesField(char tag, const char* at, const char* end, uint64_t& size) {
  if (at == end || *at != tag) return nullptr;
  at = ReadVarint(at + 1, end, size);
  return at != nullptr && size <= static_cast<uint64_t>(end - at) ? at : nullptr;
}

}  // namespace

void AppendVarint(uint64_t value, std::string& out) {
  char bytes[kVarintBytesMax];
  out.append(bytes, static_cast<size_t>(PutVarint(bytes, value) - bytes));
}

bool ConsumeVarint(absl::string_view& in, uint64_t& value) {
  const char* const at = ReadVarint(in.data(), in.data() + in.size(), value);
  if (at == nullptr) return false;
  in.remove_prefix(static_cast<size_t>(at - in.data()));
  return true;
}

void AppendRecords(const EventList& events, int64_t base_offset, absl::Time append_time, std::string& run) {
  const TimestampField time(append_time);
  const size_t begin = run.size();
  run.resize(begin + events.byte_size() + events.size() * kRecordOverheadMax);
  char* at = run.data() + begin;
  int64_t count = 0;  // not the next offset, which the last of all records has not
  for (const EventView event : events) at = PutRecord(at, event, base_offset + count++, time.view());
  run.resize(static_cast<size_t>(at - run.data()));
}

bool ConsumeRecord(absl::string_view& run, RecordView& record) {
  uint64_t size = 0, event_size = 0, offset = 0;
  const char* const begin = ReadBytesField(kRecordsTag, run.data(), run.data() + run.size(), size);
  if (begin == nullptr) return false;
  const char* const end = begin + size;
  const char* at = ReadBytesField(kEventTag, begin, end, event_size);
  if (at == nullptr) return false;
  at += event_size;
  if (at != end && *at == kOffsetTag && ReadVarint(at + 1, end, offset) == nullptr) return false;
  record.record = {begin, size};
  record.field = {run.data(), static_cast<size_t>(end - run.data())};
  record.offset = static_cast<int64_t>(offset);
  run.remove_prefix(record.field.size());
  return true;
}

}  // namespace eventlog
