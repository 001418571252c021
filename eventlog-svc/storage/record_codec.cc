#include "eventlog-svc/storage/record_codec.h"

#include <array>

namespace eventlog {
namespace {

// Field numbers and wire types as tag bytes: number * 8 + type (0 varint, 2 length delimited).
constexpr char kRecordsTag = 0x0A;     // SubscribeResponse.Batch.records = 1
constexpr char kEventTag = 0x0A;       // Record.event = 1
constexpr char kOffsetTag = 0x10;      // Record.offset = 2
constexpr char kAppendTimeTag = 0x1A;  // Record.append_time = 3
constexpr char kEventTimeTag = 0x2A;   // Event.time = 5
constexpr char kSecondsTag = 0x08;     // Timestamp.seconds = 1
constexpr char kNanosTag = 0x10;       // Timestamp.nanos = 2

size_t VarintSize(uint64_t value) {
  size_t size = 1;
  for (; value >= 0x80; value >>= 7) ++size;
  return size;
}

// A small buffer for a serialized Timestamp.
struct TimestampBytes {
  std::array<char, 24> bytes;
  size_t size = 0;
  absl::string_view view() const { return {bytes.data(), size}; }
  void Put(uint64_t value) {
    for (; value >= 0x80; value >>= 7) bytes[size++] = static_cast<char>(value | 0x80);
    bytes[size++] = static_cast<char>(value);
  }
};

TimestampBytes EncodeTimestamp(absl::Time time) {
  TimestampBytes out;
  const int64_t nanos = absl::ToUnixNanos(time);
  const int64_t seconds = absl::ToUnixSeconds(time);
  if (seconds != 0) {
    out.bytes[out.size++] = kSecondsTag;
    out.Put(static_cast<uint64_t>(seconds));
  }
  if (nanos - seconds * 1'000'000'000 != 0) {
    out.bytes[out.size++] = kNanosTag;
    out.Put(static_cast<uint64_t>(nanos - seconds * 1'000'000'000));
  }
  return out;
}

void AppendField(char tag, absl::string_view value, std::string& out) {
  out.push_back(tag);
  AppendVarint(value.size(), out);
  out.append(value.data(), value.size());
}

}  // namespace

void AppendVarint(uint64_t value, std::string& out) {
  for (; value >= 0x80; value >>= 7) out.push_back(static_cast<char>(value | 0x80));
  out.push_back(static_cast<char>(value));
}

bool ConsumeVarint(absl::string_view& in, uint64_t& value) {
  value = 0;
  for (int shift = 0; shift < 64 && !in.empty(); shift += 7) {
    const uint8_t byte = static_cast<uint8_t>(in.front());
    in.remove_prefix(1);
    if (shift == 63 && byte > 1) return false;
    value |= static_cast<uint64_t>(byte & 0x7F) << shift;
    if (byte < 0x80) return true;
  }
  return false;
}

void AppendRecord(const EventBytes& event, int64_t offset, absl::Time append_time, std::string& run) {
  const TimestampBytes time = EncodeTimestamp(append_time);
  const size_t time_field = 1 + VarintSize(time.size) + time.size;
  const size_t event_size = event.wire.size() + (event.lacks_time ? time_field : 0);
  const uint64_t offset_bits = static_cast<uint64_t>(offset);
  const size_t offset_field = offset == 0 ? 0 : 1 + VarintSize(offset_bits);
  const size_t record_size = 1 + VarintSize(event_size) + event_size + offset_field + time_field;

  run.push_back(kRecordsTag);
  AppendVarint(record_size, run);
  run.push_back(kEventTag);
  AppendVarint(event_size, run);
  run.append(event.wire);
  if (event.lacks_time) AppendField(kEventTimeTag, time.view(), run);
  if (offset != 0) {
    run.push_back(kOffsetTag);
    AppendVarint(offset_bits, run);
  }
  AppendField(kAppendTimeTag, time.view(), run);
}

bool ConsumeRecord(absl::string_view& run, RecordView& record) {
  const char* const begin = run.data();
  absl::string_view rest = run;
  uint64_t size = 0;
  if (rest.empty() || rest.front() != kRecordsTag) return false;
  rest.remove_prefix(1);
  if (!ConsumeVarint(rest, size) || size > rest.size()) return false;
  record.record = rest.substr(0, size);
  rest.remove_prefix(size);
  record.field = absl::string_view(begin, static_cast<size_t>(rest.data() - begin));

  absl::string_view fields = record.record;
  uint64_t event_size = 0;
  if (fields.empty() || fields.front() != kEventTag) return false;
  fields.remove_prefix(1);
  if (!ConsumeVarint(fields, event_size) || event_size > fields.size()) return false;
  fields.remove_prefix(event_size);
  uint64_t offset = 0;
  if (!fields.empty() && fields.front() == kOffsetTag) {
    fields.remove_prefix(1);
    if (!ConsumeVarint(fields, offset)) return false;
  }
  record.offset = static_cast<int64_t>(offset);
  run = rest;
  return true;
}

}  // namespace eventlog
