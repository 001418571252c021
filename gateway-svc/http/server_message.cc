#include "gateway-svc/http/server_message.h"

#include <algorithm>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "gateway-svc/http/stream_cursor.h"
#include "gateway-svc/hub/frame_spec.h"

namespace gateway {
namespace {

// Hints for a client's own reconnecting: exponential, with full jitter.
constexpr int kRetryInitialMs = 500;
constexpr int kRetryMaxMs = 30'000;

std::string JsonStrings(const std::vector<std::string>& values) {
  return absl::StrCat(
      "[",
      absl::StrJoin(values, ",",
                    [](std::string* out, const std::string& value) { absl::StrAppend(out, JsonString(value)); }),
      "]");
}

std::string JsonTime(absl::Time time) {
  return JsonString(absl::FormatTime("%Y-%m-%dT%H:%M:%E3SZ", time, absl::UTCTimeZone()));
}

std::string JsonCursor(absl::string_view epoch, int64_t next_offset) {
  return JsonString(FormatCursor(epoch, next_offset));
}

absl::string_view GapName(BlockGap reason) {
  switch (reason) {
    case BlockGap::kTrimmed:
      return "TRIMMED";
    case BlockGap::kCorrupt:
      return "CORRUPT";
    case BlockGap::kNone:
    case BlockGap::kUnavailable:
      break;
  }
  return "UNAVAILABLE";
}

std::string IdMember(const std::optional<std::string>& id) {
  return id.has_value() ? absl::StrCat(R"(,"id":)", JsonString(*id)) : "";
}

std::string DeliveryJson(const DeliveryOptions& delivery) {
  const std::optional<absl::Duration> linger = delivery.linger();
  return absl::StrCat(R"({"mode":)", JsonString(DeliveryModeName(delivery.mode())), R"(,"batch_max":)",
                      delivery.batch_max(), R"(,"linger_ms":)",
                      linger.has_value() ? absl::StrCat(absl::ToInt64Milliseconds(*linger)) : "null", R"(,"on_gap":)",
                      delivery.fail_on_gap() ? R"("fail"})" : R"("skip"})");
}

std::string Milliseconds(absl::Duration duration) {
  return absl::StrCat(absl::ToInt64Milliseconds(std::max(duration, absl::ZeroDuration())));
}

}  // namespace

std::string JsonString(absl::string_view text) {
  static constexpr char kHex[] = "0123456789abcdef";
  std::string json = "\"";
  for (char c : text) {
    if (c == '"' || c == '\\') {
      json += '\\';
      json += c;
    } else if (static_cast<unsigned char>(c) < 0x20) {
      json += "\\u00";
      json += kHex[c >> 4];
      json += kHex[c & 0xF];
    } else {
      json += c;
    }
  }
  return json += '"';
}

std::string FilterJson(const Filter& filter) {
  return absl::StrCat(R"({"types":)", JsonStrings(filter.types), R"(,"subjects":)", JsonStrings(filter.subjects),
                      R"(,"sources":)", JsonStrings(filter.sources), R"(,"attributes":{)",
                      absl::StrJoin(filter.attributes, ",",
                                    [](std::string* out, const auto& attribute) {
                                      absl::StrAppend(out, JsonString(attribute.first), ":",
                                                      JsonStrings(attribute.second));
                                    }),
                      "}}");
}

std::string HelloMessage(const Hello& hello) {
  return absl::StrCat(
      R"({"type":"hello")",
      hello.connection.empty() ? "" : absl::StrCat(R"(,"connection":)", JsonString(hello.connection)),
      R"(,"log":{"name":)", JsonString(hello.log), R"(,"epoch":)", JsonString(hello.epoch), R"(,"start":)",
      hello.log_start, R"(,"head":)", hello.log_head, R"(},"cursor":)", JsonCursor(hello.epoch, hello.next_offset),
      R"(,"until":)", hello.until.empty() ? "null" : JsonString(hello.until), R"(,"filter":)", FilterJson(hello.filter),
      R"(,"delivery":)", DeliveryJson(hello.delivery), R"(,"heartbeat_s":)", absl::ToInt64Seconds(hello.heartbeat),
      R"(,"limits":{"client_frame_bytes_max":)", hello.client_frame_bytes_max, R"(,"client_message_bytes_max":)",
      hello.client_message_bytes_max, R"(,"client_messages_per_second":)", hello.client_messages_per_second,
      R"(,"client_messages_burst":)", hello.client_messages_burst, R"(,"slow_client_deadline_s":)",
      absl::ToInt64Seconds(hello.slow_client_deadline), R"(},"retry":{"initial_ms":)", kRetryInitialMs, R"(,"max_ms":)",
      kRetryMaxMs, "}}");
}

std::string EventsMessage(const EventRun& run) {
  static constexpr absl::string_view kHead = R"({"type":"events","events":[)";
  std::string tail = absl::StrCat(R"(],"cursor":)", JsonCursor(run.epoch, run.next_offset));
  if (run.skipped.has_value()) absl::StrAppend(&tail, R"(,"skipped":)", *run.skipped);
  tail += '}';
  size_t length = kHead.size() + tail.size() + run.events.size();
  for (absl::string_view event : run.events) length += event.size();
  std::string text;
  text.reserve(length);
  text.append(kHead.data(), kHead.size());
  for (size_t i = 0; i < run.events.size(); ++i) {
    if (i > 0) text += ',';
    text.append(run.events[i].data(), run.events[i].size());
  }
  return text += tail;
}

std::string LiveMessage(absl::string_view epoch, int64_t next_offset) {
  return absl::StrCat(R"({"type":"live","cursor":)", JsonCursor(epoch, next_offset), "}");
}

std::string HeartbeatMessage(absl::string_view epoch, int64_t next_offset, int64_t head, absl::Time now) {
  return absl::StrCat(R"({"type":"heartbeat","cursor":)", JsonCursor(epoch, next_offset), R"(,"head":)", head,
                      R"(,"time":)", JsonTime(now), "}");
}

std::string GapMessage(BlockGap reason, absl::string_view epoch, int64_t start_offset, int64_t next_offset) {
  return absl::StrCat(R"({"type":"gap","after":)", JsonCursor(epoch, start_offset), R"(,"until":)",
                      JsonCursor(epoch, next_offset), R"(,"reason":)", JsonString(GapName(reason)), "}");
}

std::string LagMessage(int64_t behind_events, absl::Duration behind, absl::Duration deadline) {
  return absl::StrCat(R"({"type":"lag","behind_events":)", behind_events, R"(,"behind_ms":)", Milliseconds(behind),
                      R"(,"deadline_ms":)", Milliseconds(deadline), "}");
}

std::string DrainMessage(absl::Duration deadline, absl::Duration reconnect_after) {
  return absl::StrCat(R"({"type":"drain","deadline_ms":)", Milliseconds(deadline), R"(,"reconnect_after_ms":)",
                      Milliseconds(reconnect_after), "}");
}

std::string AckMessage(const std::optional<std::string>& id, absl::string_view epoch, int64_t next_offset) {
  return absl::StrCat(R"({"type":"ack")", IdMember(id), R"(,"effective_after":)", JsonCursor(epoch, next_offset), "}");
}

std::string PageMessage(const std::optional<std::string>& id, absl::string_view epoch, const PageFetch& page) {
  std::string text = absl::StrCat(R"({"type":"page")", IdMember(id), R"(,"events":[)");
  for (const EncodedEvent* event : page.events()) {
    if (text.back() != '[') text += ',';
    text += event->json;
  }
  absl::StrAppend(&text, R"(],"before":)", JsonString(absl::StrCat(epoch, ":", page.start_offset())), R"(,"after":)",
                  JsonCursor(epoch, page.next_offset()), R"(,"end":)", page.end() ? "true" : "false", R"(,"gaps":[)");
  for (const PageFetch::Gap& gap : page.gaps()) {
    absl::StrAppend(&text, text.back() == '[' ? "" : ",", R"({"after":)", JsonCursor(epoch, gap.start_offset),
                    R"(,"until":)", JsonCursor(epoch, gap.next_offset), R"(,"reason":)",
                    JsonString(GapName(gap.reason)), "}");
  }
  return text += "]}";
}

std::string ErrorMessage(absl::string_view code, absl::string_view message, const ErrorDetails& details) {
  return absl::StrCat(R"({"type":"error","code":)", JsonString(code), R"(,"message":)", JsonString(message),
                      R"(,"retry":)", details.retry ? "true" : "false",
                      details.cursor.empty() ? "" : absl::StrCat(R"(,"cursor":)", JsonString(details.cursor)),
                      IdMember(details.id), "}");
}

}  // namespace gateway
