#include "gateway-svc/http/stream_cursor.h"

#include <limits>
#include <utility>

#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"
#include "absl/strings/strip.h"
#include "gateway-svc/http/input_error.h"

namespace gateway {
namespace {

constexpr size_t kEpochBytes = 16;

// False: it is no cursor.
bool ReadCursor(absl::string_view text, Cursor& cursor) {
  const std::pair<absl::string_view, absl::string_view> parts = absl::StrSplit(text, absl::MaxSplits(':', 1));
  if (parts.first.size() != kEpochBytes ||
      parts.first.find_first_not_of("0123456789abcdef") != absl::string_view::npos) {
    return false;
  }
  cursor.epoch = std::string(parts.first);
  cursor.offset = -1;
  return parts.second == "-1" ||
         (ReadNumber(parts.second, &cursor.offset) && cursor.offset < std::numeric_limits<int64_t>::max() - 1);
}

absl::Status ReadTime(absl::string_view name, absl::string_view text, absl::Time& time) {
  std::string error;
  if (absl::ParseTime(absl::RFC3339_full, text, &time, &error) && time != absl::InfiniteFuture() &&
      time != absl::InfinitePast()) {
    return absl::OkStatus();
  }
  return InputError(name,
                    ": time:<RFC 3339> wants a time like 2024-08-01T12:00:00Z (in a query + is written %2B), not ",
                    Quoted(text));
}

}  // namespace

bool ReadNumber(absl::string_view text, int64_t* number) {
  return !text.empty() && text.find_first_not_of("0123456789") == absl::string_view::npos &&
         absl::SimpleAtoi(text, number);
}

absl::StatusOr<Cursor> ParseCursor(absl::string_view name, absl::string_view text) {
  Cursor cursor;
  if (ReadCursor(text, cursor)) return cursor;
  return InputError(name, ": ", Quoted(text), " is no cursor <epoch>:<offset>");
}

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
    if (ReadNumber(rest, &start.tail)) return start;
    return InputError("cursor: tail:N wants a number from 0, not ", Quoted(rest));
  }
  if (absl::ConsumePrefix(&rest, "time:")) {
    start.kind = StartCursor::Kind::kTime;
    const absl::Status status = ReadTime("cursor", rest, start.time);
    if (!status.ok()) return status;
    return start;
  }
  start.kind = StartCursor::Kind::kCursor;
  if (ReadCursor(text, start.cursor)) return start;
  return InputError("cursor: ", Quoted(text),
                    " is none of latest, earliest, tail:N, time:<RFC 3339> or <epoch>:<offset>");
}

absl::StatusOr<UntilCursor> ParseUntilCursor(absl::string_view text) {
  UntilCursor until;
  absl::string_view rest = text;
  if (text == "caught_up") {
    until.kind = UntilCursor::Kind::kCaughtUp;
    return until;
  }
  if (absl::ConsumePrefix(&rest, "time:")) {
    until.kind = UntilCursor::Kind::kTime;
    const absl::Status status = ReadTime("until", rest, until.time);
    if (!status.ok()) return status;
    return until;
  }
  until.kind = UntilCursor::Kind::kCursor;
  if (ReadCursor(text, until.cursor)) return until;
  return InputError("until: ", Quoted(text), " is none of caught_up, time:<RFC 3339> or <epoch>:<offset>");
}

std::string FormatCursor(absl::string_view epoch, int64_t next_offset) {
  return absl::StrCat(epoch, ":", next_offset - 1);
}

}  // namespace gateway
