#include "eventlog-svc/client/event_json.h"

#include <algorithm>
#include <cstdint>
#include <map>
#include <set>
#include <utility>
#include <vector>

#include "absl/strings/escaping.h"
#include "absl/strings/match.h"
#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "absl/time/civil_time.h"
#include "absl/time/time.h"
#include "eventlog-svc/client/json_text.h"
#include "google/protobuf/util/time_util.h"

namespace eventlog {
namespace {

using google::protobuf::util::TimeUtil;

absl::Status Invalid(absl::string_view field, absl::string_view what) {
  return absl::InvalidArgumentError(absl::StrCat("\"", field, "\": ", what));
}

bool IsJsonContentType(absl::string_view type) {
  type = type.substr(0, type.find(';'));
  while (absl::EndsWith(type, " ")) type.remove_suffix(1);
  return type.empty() || absl::EqualsIgnoreCase(type, "application/json") || absl::EndsWithIgnoreCase(type, "+json");
}

void AppendMember(absl::string_view name, absl::string_view value, std::string& out) {
  absl::StrAppend(&out, ",\"", name, "\":");
  AppendJsonString(value, out);
}

// The number, which is not negative and has no more than `width` digits, with zeros before it, and what stands behind
// it.
void AppendDigits(int64_t number, int width, char end, std::string& out) {
  const size_t begin = out.size();
  out.append(static_cast<size_t>(width), '0');
  for (size_t at = out.size(); at-- > begin && number != 0; number /= 10)
    out[at] = static_cast<char>('0' + number % 10);
  out.push_back(end);
}

void AppendData(const v1::Event& event, bool line, std::string& out) {
  if (event.has_binary()) {
    AppendMember("data_base64", absl::Base64Escape(event.binary()), out);
  } else if (event.has_text() && IsJsonContentType(event.data_content_type()) && IsJson(event.text())) {
    out += ",\"data\":";
    const size_t begin = out.size();
    out += event.text();
    if (line) {
      std::replace_if(
          out.begin() + static_cast<std::ptrdiff_t>(begin), out.end(), [](char c) { return c == '\n' || c == '\r'; },
          ' ');
    }
  } else if (event.has_text()) {
    AppendMember("data_text", event.text(), out);
  }
}

// Whether a protobuf Timestamp can hold it: years 1 to 9999.
bool IsTimestamp(absl::Time time) {
  const int64_t seconds = absl::ToUnixSeconds(time);
  return seconds >= TimeUtil::kTimestampMinSeconds && seconds <= TimeUtil::kTimestampMaxSeconds;
}

absl::Status ParseTime(const std::string& text, google::protobuf::Timestamp& out) {
  absl::Time time;
  std::string error;
  // Abseil also reads "infinite-future".
  if (!absl::ParseTime(absl::RFC3339_full, text, &time, &error) || !IsTimestamp(time)) {
    return Invalid("time", absl::StrCat("\"", text, "\" is not RFC 3339, as 2026-01-02T03:04:05Z"));
  }
  const int64_t seconds = absl::ToUnixSeconds(time);
  out.set_seconds(seconds);
  out.set_nanos(static_cast<int32_t>(absl::ToInt64Nanoseconds(time - absl::FromUnixSeconds(seconds))));
  return absl::OkStatus();
}

absl::Status ParseAttributes(absl::string_view value, v1::Event& event) {
  const auto members = JsonMembers(value);
  if (!members.has_value()) return Invalid("attributes", "right is an object of strings");
  for (const auto& [key, text] : *members) {
    const std::optional<std::string> attribute = JsonString(text);
    if (!attribute.has_value()) return Invalid(absl::StrCat("attributes.", key), "right is a string");
    (*event.mutable_attributes())[key] = *attribute;
  }
  return absl::OkStatus();
}

absl::Status ParseStringMember(const std::string& name, const std::string& text, v1::Event& event) {
  if (name == "id") event.set_id(text);
  if (name == "type") event.set_type(text);
  if (name == "subject") event.set_subject(text);
  if (name == "source") event.set_source(text);
  if (name == "data_content_type") event.set_data_content_type(text);
  if (name == "data_text") {
    event.set_text(text);
    if (event.data_content_type().empty()) event.set_data_content_type("text/plain");
  }
  if (name == "time") return ParseTime(text, *event.mutable_time());
  if (name == "data_base64" && !absl::Base64Unescape(text, event.mutable_binary())) {
    return Invalid(name, "it is not base64");
  }
  return absl::OkStatus();
}

}  // namespace

void AppendRfc3339(const google::protobuf::Timestamp& time, std::string& out) {
  const absl::Time seconds = absl::FromUnixSeconds(time.seconds());
  if (!IsTimestamp(seconds) || time.nanos() < 0 || time.nanos() > 999'999'999) {
    const absl::Time at = seconds + absl::Nanoseconds(time.nanos());
    absl::StrAppend(&out, absl::FormatTime("%E4Y-%m-%dT%H:%M:%E*SZ", at, absl::UTCTimeZone()));
    return;
  }
  const absl::CivilSecond civil = absl::ToCivilSecond(seconds, absl::UTCTimeZone());
  AppendDigits(civil.year(), 4, '-', out);
  AppendDigits(civil.month(), 2, '-', out);
  AppendDigits(civil.day(), 2, 'T', out);
  AppendDigits(civil.hour(), 2, ':', out);
  AppendDigits(civil.minute(), 2, ':', out);
  if (time.nanos() == 0) return AppendDigits(civil.second(), 2, 'Z', out);
  AppendDigits(civil.second(), 2, '.', out);
  if (time.nanos() % 1'000'000 != 0) return AppendDigits(time.nanos(), 9, 'Z', out);
  AppendDigits(time.nanos() / 1'000'000, 3, 'Z', out);
}

void AppendEventJson(const v1::Record& record, bool line, std::string& out) {
  const v1::Event& event = record.event();
  absl::StrAppend(&out, "{\"offset\":", record.offset());
  AppendMember("id", event.id(), out);
  out += ",\"time\":\"";
  AppendRfc3339(event.has_time() ? event.time() : record.append_time(), out);
  out.push_back('"');
  AppendMember("type", event.type(), out);
  if (!event.subject().empty()) AppendMember("subject", event.subject(), out);
  AppendMember("source", event.source().empty() ? "/" : event.source(), out);
  if (!event.attributes().empty()) {
    const std::map<std::string, std::string> sorted(event.attributes().begin(), event.attributes().end());
    char separator = '{';
    out += ",\"attributes\":";
    for (const auto& [key, value] : sorted) {
      out.push_back(separator);
      separator = ',';
      AppendJsonString(key, out);
      out.push_back(':');
      AppendJsonString(value, out);
    }
    out.push_back('}');
  }
  if (!event.data_content_type().empty()) AppendMember("data_content_type", event.data_content_type(), out);
  AppendData(event, line, out);
  out.push_back('}');
}

absl::StatusOr<v1::Event> ParseEventJson(absl::string_view json) {
  const auto members = JsonMembers(json);
  if (!members.has_value()) return absl::InvalidArgumentError("not one JSON object");
  static constexpr absl::string_view kStrings[] = {
      "id", "type", "subject", "source", "time", "data_content_type", "data_text", "data_base64"};
  v1::Event event;
  std::set<absl::string_view> seen;
  int payloads = 0;
  for (const auto& [name, value] : *members) {
    absl::Status status;
    if (!seen.insert(name).second) return Invalid(name, "given twice");
    if (absl::StartsWith(name, "data") && name != "data_content_type") ++payloads;
    if (name == "data") {
      event.set_text(std::string(value));
    } else if (name == "offset") {
      int64_t offset = 0;  // of the log that it was printed from; the next one gives another
      if (!absl::SimpleAtoi(value, &offset)) status = Invalid(name, "right is a whole number");
    } else if (name == "attributes") {
      status = ParseAttributes(value, event);
    } else if (std::find(std::begin(kStrings), std::end(kStrings), name) != std::end(kStrings)) {
      const std::optional<std::string> text = JsonString(value);
      status = text.has_value() ? ParseStringMember(name, *text, event) : Invalid(name, "right is a string");
    } else {
      status = Invalid(name,
                       "not known; right are type, subject, source, id, time, attributes, data_content_type and "
                       "one of data, data_text, data_base64");
    }
    if (!status.ok()) return status;
  }
  if (payloads > 1) return Invalid("data", "right is at most one of data, data_text, data_base64");
  if (event.type().empty()) return Invalid("type", "missing; right is a dotted name as \"session.created\"");
  return event;
}

}  // namespace eventlog
