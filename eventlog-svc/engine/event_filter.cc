#include "eventlog-svc/engine/event_filter.h"

#include <algorithm>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "eventlog-svc/engine/error.h"
#include "eventlog-svc/engine/wire_reader.h"

namespace eventlog {
namespace {

// Field numbers of eventlog.v1.Record and eventlog.v1.Event.
constexpr uint32_t kRecordEvent = 1;
constexpr uint32_t kEventSource = 2;
constexpr uint32_t kEventType = 3;
constexpr uint32_t kEventSubject = 4;
constexpr uint32_t kEventAttributes = 7;
constexpr uint32_t kMapKey = 1;
constexpr uint32_t kMapValue = 2;

absl::Status Invalid(absl::string_view field, absl::string_view what) {
  return Error(absl::StatusCode::kInvalidArgument, "FILTER_INVALID", absl::StrCat("filter.", field, ": ", what),
               {{"field", absl::StrCat("filter.", field)}});
}

absl::Status CheckText(const std::string& where, absl::string_view text, size_t bytes_max) {
  if (text.size() > bytes_max) return Invalid(where, absl::StrCat(text.size(), " bytes; at most ", bytes_max));
  for (const char c : text) {
    if (static_cast<unsigned char>(c) < 0x20 || c == 0x7F) return Invalid(where, "it has a control character");
  }
  return absl::OkStatus();
}

absl::Status CheckValues(absl::string_view field, const std::vector<std::string>& values, size_t bytes_max) {
  if (values.size() > EventFilter::kValuesMax) {
    return Invalid(field, absl::StrCat(values.size(), " values; at most ", EventFilter::kValuesMax));
  }
  for (size_t i = 0; i < values.size(); ++i) {
    const std::string where = absl::StrCat(field, "[", i, "]");
    if (values[i].empty()) return Invalid(where, "empty; leave it out to take all");
    const absl::Status status = CheckText(where, values[i], bytes_max);
    if (!status.ok()) return status;
  }
  return absl::OkStatus();
}

// Values of attributes are the producers' own: any text, also none.
absl::Status CheckAttributes(const std::vector<std::pair<std::string, std::string>>& attributes) {
  std::vector<std::string> keys;
  for (const auto& [key, value] : attributes) {
    keys.push_back(key);
    if (value.size() > EventFilter::kValueBytesMax) {
      return Invalid("attributes",
                     absl::StrCat("a value of ", value.size(), " bytes; at most ", EventFilter::kValueBytesMax));
    }
  }
  return CheckValues("attributes", keys, EventFilter::kValueBytesMax);
}

}  // namespace

absl::StatusOr<EventFilter> EventFilter::Create(const EventFilterSpec& spec) {
  for (const absl::Status& status :
       {CheckValues("types", spec.types, kTypeBytesMax), CheckValues("subjects", spec.subjects, kValueBytesMax),
        CheckValues("sources", spec.sources, kValueBytesMax), CheckAttributes(spec.attributes)}) {
    if (!status.ok()) return status;
  }
  EventFilter filter;
  for (size_t i = 0; i < spec.types.size(); ++i) {
    const std::string& type = spec.types[i];
    const size_t star = type.find('*');
    if (star == std::string::npos) {
      filter.types_.insert(type);
    } else if (star + 1 == type.size() && type.size() > 2 && type[star - 1] == '.') {
      filter.type_prefixes_.push_back(type.substr(0, star));
    } else {
      return Invalid(absl::StrCat("types[", i, "]"),
                     absl::StrCat("\"", type,
                                  "\" has a * in the wrong place; right is an exact type, or a prefix that "
                                  "ends in \".*\" as in \"session.*\""));
    }
  }
  filter.subjects_.insert(spec.subjects.begin(), spec.subjects.end());
  filter.sources_.insert(spec.sources.begin(), spec.sources.end());
  filter.attributes_ = spec.attributes;
  filter.takes_all_ = spec.types.empty() && spec.subjects.empty() && spec.sources.empty() && spec.attributes.empty();
  return filter;
}

bool EventFilter::MatchesType(absl::string_view type) const {
  if (types_.empty() && type_prefixes_.empty()) return true;
  if (types_.contains(type)) return true;
  return std::any_of(type_prefixes_.begin(), type_prefixes_.end(),
                     [&](const std::string& prefix) { return absl::StartsWith(type, prefix); });
}

bool EventFilter::Matches(absl::string_view record) const {
  if (takes_all_) return true;
  WireReader fields(record);
  while (fields.Next()) {
    if (fields.field() == kRecordEvent && fields.is_bytes()) return MatchesEvent(fields.bytes());
  }
  return false;
}

bool EventFilter::MatchesEvent(absl::string_view event) const {
  absl::string_view type, subject, source;
  size_t attributes_found = 0;
  WireReader fields(event);
  while (fields.Next()) {
    if (!fields.is_bytes()) continue;
    if (fields.field() == kEventType) type = fields.bytes();
    if (fields.field() == kEventSubject) subject = fields.bytes();
    if (fields.field() == kEventSource) source = fields.bytes();
    if (fields.field() == kEventAttributes && !attributes_.empty()) {
      absl::string_view key, value;
      WireReader entry(fields.bytes());
      while (entry.Next()) {
        if (entry.is_bytes() && entry.field() == kMapKey) key = entry.bytes();
        if (entry.is_bytes() && entry.field() == kMapValue) value = entry.bytes();
      }
      for (const auto& [wanted_key, wanted_value] : attributes_) {
        if (key == wanted_key && value == wanted_value) ++attributes_found;
      }
    }
  }
  if (source.empty()) source = "/";
  return MatchesType(type) && (subjects_.empty() || subjects_.contains(subject)) &&
         (sources_.empty() || sources_.contains(source)) && attributes_found == attributes_.size();
}

}  // namespace eventlog
