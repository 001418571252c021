#include "gateway-svc/http/firehose_request.h"

#include <set>
#include <string>
#include <utility>

#include "absl/status/status.h"
#include "absl/strings/ascii.h"
#include "absl/strings/match.h"
#include "absl/strings/str_split.h"
#include "absl/strings/strip.h"
#include "gateway-svc/http/filter_values.h"
#include "gateway-svc/http/input_error.h"
#include "gateway-svc/websocket/utf8_validator.h"

namespace gateway {
namespace {

constexpr char kParameters[] =
    "cursor, type, subject, source, attr.<key>, until, on_gap, mode, batch_max, linger_ms and heartbeat_s";

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
      return InputError("bad percent-encoding in the query: ", Quoted(text));
    }
  }
  // It is given back in text messages, which are UTF-8.
  Utf8Validator utf8;
  if (!utf8.Add(decoded) || !utf8.complete()) return InputError("the query is not UTF-8: ", Quoted(decoded));
  return decoded;
}

absl::StatusOr<int64_t> Number(absl::string_view name, absl::string_view text) {
  int64_t number = 0;
  if (ReadNumber(text, &number)) return number;
  return InputError(name, ": ", Quoted(text), " is not a whole number");
}

absl::Status ApplyNumber(absl::string_view name, absl::string_view text, FirehoseRequest& request) {
  const absl::StatusOr<int64_t> number = Number(name, text);
  if (!number.ok()) return number.status();
  if (name == "batch_max") return request.delivery.SetBatchMax(*number);
  if (name == "linger_ms") return request.delivery.SetLingerMs(*number);
  return SetHeartbeatSeconds(*number, request.heartbeat);
}

absl::Status ApplyPlace(absl::string_view name, absl::string_view text, FirehoseRequest& request) {
  if (name == "cursor") {
    absl::StatusOr<StartCursor> start = ParseStartCursor(text);
    if (!start.ok()) return start.status();
    request.start = *std::move(start);
  } else {
    absl::StatusOr<UntilCursor> until = ParseUntilCursor(text);
    if (!until.ok()) return until.status();
    request.until = *std::move(until);
  }
  return absl::OkStatus();
}

absl::Status Apply(absl::string_view name, std::string value, FirehoseRequest& request) {
  absl::string_view key = name;
  if (absl::ConsumePrefix(&key, "attr.")) return AddAttribute(key, std::move(value), request.filter);
  if (name == "type") return AddType(std::move(value), request.filter);
  if (name == "subject") return AddSubject(std::move(value), request.filter);
  if (name == "source") return AddSource(std::move(value), request.filter);
  if (name == "cursor" || name == "until") return ApplyPlace(name, value, request);
  if (name == "mode") return request.delivery.SetMode(value);
  if (name == "on_gap") return request.delivery.SetOnGap(value);
  if (name == "batch_max" || name == "linger_ms" || name == "heartbeat_s") return ApplyNumber(name, value, request);
  return InputError("unknown parameter ", Quoted(name), "; allowed are ", kParameters);
}

bool MayRepeat(absl::string_view name) {
  return name == "type" || name == "subject" || name == "source" || absl::StartsWith(name, "attr.");
}

// Who comes back to a stream that ended at `until` names what it saw last, which may be what a gap reached beyond: that
// is an end again, and no mistake.
absl::Status CheckEnd(const FirehoseRequest& request, bool comes_back) {
  const StartCursor& start = request.start;
  const UntilCursor& until = request.until;
  if (start.kind == StartCursor::Kind::kCursor && until.kind == UntilCursor::Kind::kCursor) {
    if (start.cursor.epoch != until.cursor.epoch) return InputError("until: is of another epoch than cursor");
    if (!comes_back && until.cursor.offset < start.cursor.offset) return InputError("until: lies before cursor");
  }
  if (start.kind == StartCursor::Kind::kTime && until.kind == UntilCursor::Kind::kTime && until.time < start.time) {
    return InputError("until: lies before cursor");
  }
  return absl::OkStatus();
}

}  // namespace

absl::StatusOr<FirehoseRequest> ParseFirehoseRequest(absl::string_view query, absl::string_view last_event_id) {
  FirehoseRequest request;
  std::set<std::string> given;
  for (absl::string_view part : absl::StrSplit(query, '&', absl::SkipEmpty())) {
    const std::pair<absl::string_view, absl::string_view> pair = absl::StrSplit(part, absl::MaxSplits('=', 1));
    absl::StatusOr<std::string> name = PercentDecoded(pair.first);
    if (!name.ok()) return name.status();
    absl::StatusOr<std::string> value = PercentDecoded(pair.second);
    if (!value.ok()) return value.status();
    absl::Status status = Apply(*name, *std::move(value), request);
    if (!status.ok()) return status;
    if (!MayRepeat(*name) && !given.insert(*name).second) return InputError(*name, ": may be given once only");
  }
  if (!last_event_id.empty()) {
    absl::StatusOr<Cursor> cursor = ParseCursor("Last-Event-ID", last_event_id);
    if (!cursor.ok()) return cursor.status();
    request.start.kind = StartCursor::Kind::kCursor;
    request.start.cursor = *std::move(cursor);
  }
  absl::Status status = CheckSize(request.filter);
  if (status.ok()) status = CheckEnd(request, !last_event_id.empty());
  if (!status.ok()) return status;
  request.filter = Normalized(std::move(request.filter));
  return request;
}

}  // namespace gateway
