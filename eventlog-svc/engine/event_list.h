// The events of one batch on their way in, one behind the other in one buffer: none has an allocation of its own.

#ifndef EVENTLOG_SVC_ENGINE_EVENT_LIST_H_
#define EVENTLOG_SVC_ENGINE_EVENT_LIST_H_

#include <cstddef>
#include <initializer_list>
#include <string>
#include <vector>

#include "absl/strings/string_view.h"

namespace eventlog {

// One event: the wire form of an eventlog.v1.Event that was validated and has an id.
struct EventView {
  absl::string_view wire;
  // The event has no time of its own: the engine appends the append time as field Event.time.
  bool lacks_time = false;
};

// Not thread safe. What it gives is valid until the next change.
class EventList {
 public:
  EventList() = default;
  EventList(std::initializer_list<EventView> events) {
    for (const EventView& event : events) Add(event.wire, event.lacks_time);
  }

  void Reserve(size_t events, size_t bytes) {
    entries_.reserve(events);
    bytes_.reserve(bytes);
  }
  void Add(absl::string_view wire, bool lacks_time) { Add("", wire, lacks_time); }
  // An event whose wire form is `begin` and, behind it, `rest`.
  void Add(absl::string_view begin, absl::string_view rest, bool lacks_time) {
    bytes_.append(begin.data(), begin.size());
    bytes_.append(rest.data(), rest.size());
    entries_.push_back({bytes_.size(), lacks_time});
  }

  bool empty() const { return entries_.empty(); }
  size_t size() const { return entries_.size(); }
  // Of all wire forms together.
  size_t byte_size() const { return bytes_.size(); }
  EventView operator[](size_t i) const {
    const size_t begin = i == 0 ? 0 : entries_[i - 1].end;
    return {absl::string_view(bytes_).substr(begin, entries_[i].end - begin), entries_[i].lacks_time};
  }

 private:
  struct Entry {
    size_t end;
    bool lacks_time;
  };

  std::string bytes_;
  std::vector<Entry> entries_;
};

}  // namespace eventlog

#endif  // EVENTLOG_SVC_ENGINE_EVENT_LIST_H_
