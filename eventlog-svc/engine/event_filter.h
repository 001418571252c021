// Which events a reader wants. Fields are ANDed, the values of one field ORed, an empty field takes all.

#ifndef EVENTLOG_SVC_ENGINE_EVENT_FILTER_H_
#define EVENTLOG_SVC_ENGINE_EVENT_FILTER_H_

#include <string>
#include <utility>
#include <vector>

#include "absl/container/flat_hash_set.h"
#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"

namespace eventlog {

// The filter as it was asked for.
struct EventFilterSpec {
  std::vector<std::string> types;  // exact, or a prefix that ends in ".*"
  std::vector<std::string> subjects;
  std::vector<std::string> sources;  // "/" also takes events without a source
  std::vector<std::pair<std::string, std::string>> attributes;
};

// Immutable; any number of threads.
class EventFilter {
 public:
  static constexpr size_t kValuesMax = 100;  // of one field
  static constexpr size_t kValueBytesMax = 1024;
  static constexpr size_t kTypeBytesMax = 255;

  // kInvalidArgument FILTER_INVALID, naming the field, what is wrong and what would be right.
  static absl::StatusOr<EventFilter> Create(const EventFilterSpec& spec);
  // Takes everything.
  EventFilter() = default;

  bool takes_all() const { return takes_all_; }
  // `record` is a serialized eventlog.v1.Record. Its wire form is scanned, nothing is built from it.
  bool Matches(absl::string_view record) const;

 private:
  bool MatchesType(absl::string_view type) const;
  bool MatchesEvent(absl::string_view event) const;

  bool takes_all_ = true;
  absl::flat_hash_set<std::string> types_;
  std::vector<std::string> type_prefixes_;  // with the dot, without the star
  absl::flat_hash_set<std::string> subjects_;
  absl::flat_hash_set<std::string> sources_;
  std::vector<std::pair<std::string, std::string>> attributes_;
};

}  // namespace eventlog

#endif  // EVENTLOG_SVC_ENGINE_EVENT_FILTER_H_
