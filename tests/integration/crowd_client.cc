#include "tests/integration/crowd_client.h"

#include "absl/strings/match.h"
#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/strip.h"

namespace eventlog::crowd {
namespace {

constexpr int kContinuation = 0, kText = 1, kClose = 8, kPing = 9;

// The text between `"name":"` and the next quotation mark, or of a number up to its end; of the last such member.
absl::string_view Member(absl::string_view json, absl::string_view name) {
  const std::string key = absl::StrCat("\"", name, "\":");
  const size_t at = json.rfind(key);
  if (at == absl::string_view::npos) return {};
  absl::string_view value = json.substr(at + key.size());
  if (absl::ConsumePrefix(&value, "\"")) return value.substr(0, value.find('"'));
  return value.substr(0, value.find_first_not_of("-0123456789"));
}

std::optional<int64_t> Number(absl::string_view text) {
  int64_t number = 0;
  if (!absl::SimpleAtoi(text, &number)) return std::nullopt;
  return number;
}

std::optional<int64_t> OffsetOf(absl::string_view cursor) {
  const size_t colon = cursor.rfind(':');
  if (colon == absl::string_view::npos) return std::nullopt;
  return Number(cursor.substr(colon + 1));
}

// Masked with a key of zeros: the payload stays as it is.
void AppendFrame(int opcode, absl::string_view payload, std::string& out) {
  out += static_cast<char>(0x80 | opcode);
  out += static_cast<char>(0x80 | payload.size());
  out.append(4, '\0');
  absl::StrAppend(&out, payload);
}

}  // namespace

std::string CrowdClient::Begin(absl::string_view host, absl::string_view query) {
  Ended();
  asked_ = cursor_;
  close_reason_.clear();
  reconnect_after_ms_ = -1;
  status_ = close_code_ = 0;
  upgraded_ = greeted_ = live_ = false;
  return absl::StrCat("GET /api/events/firehose?", cursor_.empty() ? query : absl::StrCat("cursor=", cursor_),
                      " HTTP/1.1\r\nHost: ", host,
                      "\r\nUpgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Version: 13\r\n"
                      "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n\r\n");
}

void CrowdClient::Receive(absl::string_view bytes, std::string& answer) {
  absl::StrAppend(&input_, bytes);
  if (!upgraded_ && !TakeHead()) return;
  absl::string_view rest = input_;
  while (TakeFrame(rest, answer)) {
  }
  input_.erase(0, input_.size() - rest.size());
  if (input_.empty()) input_ = std::string();  // an idle client keeps no memory for it
}

bool CrowdClient::TakeHead() {
  const size_t end = input_.find("\r\n\r\n");
  if (end == std::string::npos || status_ != 0) return false;
  const absl::string_view head = absl::string_view(input_).substr(0, end);
  status_ = static_cast<int>(Number(head.substr(head.find(' ') + 1, 3)).value_or(-1));
  if (status_ != 101) return false;
  upgraded_ = true;
  input_.erase(0, end + 4);
  return true;
}

bool CrowdClient::TakeFrame(absl::string_view& input, std::string& answer) {
  if (input.size() < 2) return false;
  const auto byte = [&](size_t at) { return static_cast<uint8_t>(input[at]); };
  size_t begin = 2;
  uint64_t size = byte(1) & 0x7F;
  if (size > 125) {
    begin = size == 126 ? 4 : 10;
    if (input.size() < begin) return false;
    size = 0;
    for (size_t i = 2; i < begin; ++i) size = size << 8 | byte(i);
  }
  if (input.size() < begin + size) return false;
  const absl::string_view payload = input.substr(begin, size);
  const bool fin = (byte(0) & 0x80) != 0;
  switch (byte(0) & 0x0F) {
    case kText:
    case kContinuation:
      if (fin && message_.empty()) {
        TakeMessage(payload);
      } else {
        absl::StrAppend(&message_, payload);
        if (fin) {
          TakeMessage(message_);
          message_ = std::string();
        }
      }
      break;
    case kPing:
      AppendFrame(10, payload, answer);
      break;
    case kClose:
      TakeClose(payload);
      AppendFrame(kClose, payload.substr(0, 2), answer);
      break;
    default:
      Fail(absl::StrCat("a frame that begins with ", byte(0)));
  }
  input.remove_prefix(begin + size);
  return true;
}

void CrowdClient::TakeMessage(absl::string_view text) {
  if (close_code_ != 0) Fail("a message behind the Close frame");
  absl::string_view rest = text;
  if (!absl::ConsumePrefix(&rest, "{\"type\":\"")) return Fail(absl::StrCat("not a message: ", text.substr(0, 80)));
  const absl::string_view type = rest.substr(0, rest.find('"'));
  if (!greeted_ && type != "hello" && type != "error") Fail(absl::StrCat(type, " comes before hello"));
  if (type == "hello") {
    greeted_ = true;
    cursor_ = std::string(Member(text.substr(0, text.find("\"until\"")), "cursor"));
    if (!asked_.empty() && cursor_ != asked_) Fail(absl::StrCat("asked for ", asked_, ", was given ", cursor_));
    offset_ = OffsetOf(cursor_).value_or(-2);
  } else if (type == "events") {
    TakeEvents(text);
  } else if (type == "gap") {
    TakeGap(text);
  } else if (type == "drain") {
    reconnect_after_ms_ = Number(Member(text, "reconnect_after_ms")).value_or(-2);
  } else if (type == "live" || type == "heartbeat") {
    live_ = live_ || type == "live";
    TakeCursor(Member(text, "cursor"));
  }
}

void CrowdClient::TakeEvents(absl::string_view text) {
  constexpr absl::string_view kEvent = "{\"offset\":";
  for (size_t at = text.find(kEvent); at != absl::string_view::npos; at = text.find(kEvent, at)) {
    at += kEvent.size();
    const int64_t offset = Number(text.substr(at, text.substr(at, 20).find_first_not_of("0123456789"))).value_or(-2);
    if (offset != offset_ + 1) Fail(absl::StrCat("offset ", offset, " comes behind ", offset_));
    offset_ = offset;
    ++events_;
  }
  TakeCursor(Member(text, "cursor"));
}

void CrowdClient::TakeGap(absl::string_view text) {
  if (OffsetOf(Member(text, "after")) != offset_) Fail(absl::StrCat("behind ", offset_, " comes ", text));
  cursor_ = std::string(Member(text, "until"));
  offset_ = OffsetOf(cursor_).value_or(-2);
}

void CrowdClient::TakeCursor(absl::string_view cursor) {
  if (OffsetOf(cursor) != offset_) Fail(absl::StrCat("at ", offset_, " the cursor is ", cursor));
  cursor_ = std::string(cursor);
}

void CrowdClient::TakeClose(absl::string_view payload) {
  if (payload.size() >= 2) {
    close_code_ = static_cast<uint8_t>(payload[0]) << 8 | static_cast<uint8_t>(payload[1]);
    close_reason_ = std::string(payload.substr(2));
  } else {
    close_code_ = 1005;
  }
  constexpr absl::string_view kCursor = " cursor=";
  const size_t at = close_reason_.rfind(kCursor.data(), std::string::npos, kCursor.size());
  if (at != std::string::npos && greeted_) TakeCursor(absl::string_view(close_reason_).substr(at + kCursor.size()));
}

void CrowdClient::Fail(absl::string_view what) {
  if (violation_.empty()) violation_ = std::string(what);
}

}  // namespace eventlog::crowd
