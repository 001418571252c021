#include "eventlog-svc/rpc/plain_append.h"

#include <algorithm>
#include <cstdint>
#include <string>

#include "eventlog-svc/rpc/plain_fields.h"

namespace eventlog {
namespace {

constexpr uint32_t kEvents = 2;  // AppendRequest.events
// An event has at least a tag, a length, and a type of a letter.
constexpr size_t kEventFieldBytesMin = 5;

}  // namespace

bool ReadPlainAppend(absl::string_view request, size_t events_max, PlainAppend& append) {
  append.rest.Clear();
  append.events.clear();
  append.event_bytes = 0;
  std::string rest;
  PlainFields fields(request);
  while (fields.Next()) {
    if (fields.field() != kEvents) {
      rest.append(fields.field_bytes().data(), fields.field_bytes().size());
      continue;
    }
    if (!fields.is_bytes() || append.events.size() == events_max) return false;
    const std::optional<PlainEvent> event = ReadPlainEvent(fields.bytes());
    if (!event.has_value()) return false;
    // Most have events of one size: this is about what all of them take.
    if (append.events.empty()) {
      const size_t guess = request.size() / std::max(kEventFieldBytesMin, fields.field_bytes().size()) + 1;
      append.events.reserve(std::min(guess, events_max));
    }
    append.events.push_back(*event);
    append.event_bytes += event->wire.size();
  }
  return fields.ok() && (rest.empty() || append.rest.ParseFromString(rest));
}

}  // namespace eventlog
