#include "gateway-svc/http/firehose_request.h"

#include <limits>
#include <utility>

#include "absl/status/status.h"
#include "absl/strings/ascii.h"
#include "absl/strings/escaping.h"
#include "absl/strings/match.h"
#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"
#include "absl/strings/strip.h"
#include "gateway-svc/websocket/utf8_validator.h"

namespace gateway {
namespace {

constexpr size_t kValuesMax = 100;
constexpr size_t kTypeBytesMax = 255;
constexpr size_t kNameBytesMax = 1024;
constexpr size_t kEpochBytes = 16;
constexpr int64_t kHeartbeatSecondsMax = 3600;
constexpr char kCursorForms[] = "latest, earliest, tail:N, time:<RFC 3339> or <epoch>:<offset>";

// What a message repeats of the client's input stays short and printable.
std::string Quoted(absl::string_view text) {
  return absl::StrCat("\"", absl::CHexEscape(text.substr(0, 60)), text.size() > 60 ? "…\"" : "\"");
}

absl::StatusOr<std::string> PercentDecoded(absl::string_view text) {
  std::string decoded;
  for (size_t i = 0; i < text.size(); ++i) {
    if (text[i] == '+') {
      decoded += ' ';
    } else if (text[i] != '%') {
      decoded += text[i];
    } else if (i + 2 < text.size() && absl::ascii_isxdigit(text[i + 1]) && absl::ascii_isxdigit(text[i + 2])) {
      decoded += absl::HexStringToBytes(text.substr(i + 1, 2));
      i += 2;
    } else {
      return absl::InvalidArgumentError(absl::StrCat("bad percent-encoding in the query: ", Quoted(text)));
    }
  }
  // It is given back in text messages, which are UTF-8.
  Utf8Validator utf8;
  if (!utf8.Add(decoded) || !utf8.complete()) {
    return absl::InvalidArgumentError(absl::StrCat("the query is not UTF-8: ", Quoted(decoded)));
  }
  return decoded;
}

// A number from 0, of digits only.
bool ReadNumber(absl::string_view text, int64_t* number) {
  return !text.empty() && text.find_first_not_of("0123456789") == absl::string_view::npos &&
         absl::SimpleAtoi(text, number);
}

absl::Status AddValue(absl::string_view name, std::string value, size_t bytes_max, std::vector<std::string>& values) {
  if (value.empty()) return absl::InvalidArgumentError(absl::StrCat(name, ": an empty value matches nothing"));
  if (value.size() > bytes_max) {
    return absl::InvalidArgumentError(absl::StrCat(name, ": longer than ", bytes_max, " bytes"));
  }
  if (values.size() == kValuesMax) {
    return absl::InvalidArgumentError(absl::StrCat(name, ": given more than ", kValuesMax, " times"));
  }
  values.push_back(std::move(value));
  return absl::OkStatus();
}

absl::Status AddType(std::string value, std::vector<std::string>& types) {
  const size_t star = value.find('*');
  const bool prefix = absl::EndsWith(value, ".*") && value.size() > 2 && star == value.size() - 1;
  if (star != std::string::npos && !prefix) {
    return absl::InvalidArgumentError(
        absl::StrCat("type: ", Quoted(value), " is neither exact (session.created) nor a prefix (session.*)"));
  }
  return AddValue("type", std::move(value), kTypeBytesMax, types);
}

absl::Status ReadHeartbeat(absl::string_view value, absl::Duration& heartbeat) {
  int64_t seconds = 0;
  if (!ReadNumber(value, &seconds) || seconds < 1 || seconds > kHeartbeatSecondsMax) {
    return absl::InvalidArgumentError(
        absl::StrCat("heartbeat_s: ", Quoted(value), " is not a whole number of 1 to ", kHeartbeatSecondsMax));
  }
  heartbeat = absl::Seconds(seconds);
  return absl::OkStatus();
}

absl::Status Apply(const std::string& name, std::string value, FirehoseRequest& request) {
  if (name == "type") return AddType(std::move(value), request.filter.types);
  if (name == "subject") return AddValue(name, std::move(value), kNameBytesMax, request.filter.subjects);
  if (name == "source") return AddValue(name, std::move(value), kNameBytesMax, request.filter.sources);
  if (name == "heartbeat_s") return ReadHeartbeat(value, request.heartbeat);
  if (name == "cursor") {
    absl::StatusOr<StartCursor> start = ParseStartCursor(value);
    if (!start.ok()) return start.status();
    request.start = *std::move(start);
    return absl::OkStatus();
  }
  return absl::InvalidArgumentError(
      absl::StrCat("unknown parameter ", Quoted(name), "; allowed are cursor, type, subject, source and heartbeat_s"));
}

}  // namespace

absl::StatusOr<StartCursor> ParseStartCursor(absl::string_view text) {
  StartCursor start;
  absl::string_view rest = text;
  if (text == "latest") return start;
  if (text == "earliest") {
    start.kind = StartCursor::Kind::kEarliest;
    return start;
  }
  if (absl::ConsumePrefix(&rest, "tail:")) {
    start.kind = StartCursor::Kind::kTail;
    if (!ReadNumber(rest, &start.tail)) {
      return absl::InvalidArgumentError(absl::StrCat("cursor: tail:N wants a number from 0, not ", Quoted(rest)));
    }
    return start;
  }
  if (absl::ConsumePrefix(&rest, "time:")) {
    start.kind = StartCursor::Kind::kTime;
    std::string error;
    if (!absl::ParseTime(absl::RFC3339_full, rest, &start.time, &error) || start.time == absl::InfiniteFuture() ||
        start.time == absl::InfinitePast()) {
      return absl::InvalidArgumentError(absl::StrCat(
          "cursor: time:<RFC 3339> wants a time like 2024-08-01T12:00:00Z (in a query + is written %2B), not ",
          Quoted(rest)));
    }
    return start;
  }
  const std::pair<absl::string_view, absl::string_view> parts = absl::StrSplit(text, absl::MaxSplits(':', 1));
  const bool hexadecimal = parts.first.find_first_not_of("0123456789abcdef") == absl::string_view::npos;
  const bool number = parts.second == "-1" || ReadNumber(parts.second, &start.offset);
  if (parts.first.size() != kEpochBytes || !hexadecimal || !number ||
      start.offset == std::numeric_limits<int64_t>::max()) {
    return absl::InvalidArgumentError(absl::StrCat("cursor: ", Quoted(text), " is none of ", kCursorForms));
  }
  start.kind = StartCursor::Kind::kCursor;
  if (parts.second == "-1") start.offset = -1;
  start.epoch = std::string(parts.first);
  return start;
}

absl::StatusOr<FirehoseRequest> ParseFirehoseRequest(absl::string_view query) {
  FirehoseRequest request;
  bool has_cursor = false, has_heartbeat = false;
  for (absl::string_view part : absl::StrSplit(query, '&', absl::SkipEmpty())) {
    const std::pair<absl::string_view, absl::string_view> pair = absl::StrSplit(part, absl::MaxSplits('=', 1));
    absl::StatusOr<std::string> name = PercentDecoded(pair.first);
    if (!name.ok()) return name.status();
    absl::StatusOr<std::string> value = PercentDecoded(pair.second);
    if (!value.ok()) return value.status();
    if ((*name == "cursor" && std::exchange(has_cursor, true)) ||
        (*name == "heartbeat_s" && std::exchange(has_heartbeat, true))) {
      return absl::InvalidArgumentError(absl::StrCat(*name, ": may be given once only"));
    }
    absl::Status status = Apply(*name, *std::move(value), request);
    if (!status.ok()) return status;
  }
  request.filter = Normalized(std::move(request.filter));
  return request;
}

std::string FormatCursor(absl::string_view epoch, int64_t next_offset) {
  return absl::StrCat(epoch, ":", next_offset - 1);
}

}  // namespace gateway
