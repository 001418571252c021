#include "gateway-svc/http/server_message.h"

#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "gateway-svc/http/firehose_request.h"
#include "gateway-svc/websocket/frame_codec.h"

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

std::string HelloMessage(const Hello& hello) {
  return absl::StrCat(
      R"({"type":"hello","connection":)", JsonString(hello.connection), R"(,"log":{"name":)", JsonString(hello.log),
      R"(,"epoch":)", JsonString(hello.epoch), R"(,"start":)", hello.log_start, R"(,"head":)", hello.log_head,
      R"(},"cursor":)", JsonCursor(hello.epoch, hello.next_offset), R"(,"filter":{"types":)",
      JsonStrings(hello.filter.types), R"(,"subjects":)", JsonStrings(hello.filter.subjects), R"(,"sources":)",
      JsonStrings(hello.filter.sources), R"(},"limits":{"client_frame_bytes_max":)", hello.client_frame_bytes_max,
      R"(,"client_message_bytes_max":)", hello.client_message_bytes_max, R"(,"slow_client_deadline_s":)",
      absl::ToInt64Seconds(hello.slow_client_deadline), R"(},"retry":{"initial_ms":)", kRetryInitialMs, R"(,"max_ms":)",
      kRetryMaxMs, R"(},"heartbeat_s":)", absl::ToInt64Seconds(hello.heartbeat), "}");
}

std::string LiveMessage(absl::string_view epoch, int64_t next_offset) {
  return absl::StrCat(R"({"type":"live","cursor":)", JsonCursor(epoch, next_offset), "}");
}

std::string HeartbeatMessage(absl::string_view epoch, int64_t next_offset, int64_t head, absl::Time now) {
  return absl::StrCat(R"({"type":"heartbeat","cursor":)", JsonCursor(epoch, next_offset), R"(,"head":)", head,
                      R"(,"time":)", JsonTime(now), "}");
}

std::string ErrorMessage(absl::string_view code, absl::string_view message, bool retry, absl::string_view cursor) {
  return absl::StrCat(R"({"type":"error","code":)", JsonString(code), R"(,"message":)", JsonString(message),
                      R"(,"retry":)", retry ? "true" : "false", cursor.empty() ? "" : R"(,"cursor":)",
                      cursor.empty() ? "" : JsonString(cursor), "}");
}

std::string JsonFrameFormat::Events(const std::vector<absl::string_view>& events, absl::string_view epoch,
                                    int64_t next_offset) const {
  static constexpr absl::string_view kHead = R"({"type":"events","events":[)";
  const std::string tail = absl::StrCat(R"(],"cursor":)", JsonCursor(epoch, next_offset), "}");
  size_t length = kHead.size() + tail.size() + events.size() - 1;
  for (absl::string_view event : events) length += event.size();
  char header[kServerHeaderBytesMax];
  std::string frame;
  frame.reserve(sizeof(header) + length);
  frame.append(header, EncodeFrameHeader(Opcode::kText, /*fin=*/true, length, header));
  frame.append(kHead.data(), kHead.size());
  for (size_t i = 0; i < events.size(); ++i) {
    if (i > 0) frame += ',';
    frame.append(events[i].data(), events[i].size());
  }
  return frame += tail;
}

std::string JsonFrameFormat::Gap(BlockGap reason, absl::string_view epoch, int64_t start_offset,
                                 int64_t next_offset) const {
  return EncodeFrame(Opcode::kText,
                     absl::StrCat(R"({"type":"gap","after":)", JsonCursor(epoch, start_offset), R"(,"until":)",
                                  JsonCursor(epoch, next_offset), R"(,"reason":)", JsonString(GapName(reason)), "}"));
}

}  // namespace gateway
