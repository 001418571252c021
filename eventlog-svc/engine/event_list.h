// The events of one batch on their way in, one behind the other in one buffer: none has an allocation of its own.

#ifndef EVENTLOG_SVC_ENGINE_EVENT_LIST_H_
#define EVENTLOG_SVC_ENGINE_EVENT_LIST_H_

#include <cstddef>
#include <cstdint>
#include <cstring>
#include <initializer_list>
#include <iterator>
#include <string>

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
 private:
  // Stands before each event in the buffer.
  struct Head {
    uint32_t size;
    bool lacks_time;
  };

 public:
  class Iterator {
   public:
    using iterator_category = std::input_iterator_tag;
    using value_type = EventView;
    using difference_type = std::ptrdiff_t;
    using pointer = const EventView*;
    using reference = EventView;

    explicit Iterator(const char* at) : at_(at) {}
    EventView operator*() const {
      const Head head = ReadHead();
      return {{at_ + sizeof(Head), head.size}, head.lacks_time};
    }
    Iterator& operator++() {
      at_ += sizeof(Head) + ReadHead().size;
      return *this;
    }
    bool operator==(const Iterator& other) const { return at_ == other.at_; }
    bool operator!=(const Iterator& other) const { return at_ != other.at_; }

   private:
    Head ReadHead() const {
      Head head;
      std::memcpy(&head, at_, sizeof(Head));
      return head;
    }

    const char* at_;
  };

  EventList() = default;
  EventList(std::initializer_list<EventView> events) {
    for (const EventView& event : events) Add(event.wire, event.lacks_time);
  }

  void Reserve(size_t events, size_t bytes) { buffer_.reserve(bytes + events * sizeof(Head)); }
  void Add(absl::string_view wire, bool lacks_time) { Add("", wire, lacks_time); }
  // An event whose wire form, of less than 4 GiB, is `begin` and, behind it, `rest`.
  void Add(absl::string_view begin, absl::string_view rest, bool lacks_time) {
    const Head head{static_cast<uint32_t>(begin.size() + rest.size()), lacks_time};
    buffer_.append(reinterpret_cast<const char*>(&head), sizeof(Head));
    buffer_.append(begin.data(), begin.size());
    buffer_.append(rest.data(), rest.size());
    ++size_;
  }

  bool empty() const { return size_ == 0; }
  size_t size() const { return size_; }
  // Of all wire forms together.
  size_t byte_size() const { return buffer_.size() - size_ * sizeof(Head); }
  Iterator begin() const { return Iterator(buffer_.data()); }
  Iterator end() const { return Iterator(buffer_.data() + buffer_.size()); }

 private:
  std::string buffer_;
  size_t size_ = 0;
};

}  // namespace eventlog

#endif  // EVENTLOG_SVC_ENGINE_EVENT_LIST_H_
