#include "gateway-svc/http/sse_format.h"

#include "absl/strings/str_cat.h"
#include "gateway-svc/http/server_message.h"
#include "gateway-svc/http/stream_cursor.h"

namespace gateway {
namespace {

std::string Chunk(absl::string_view text) { return absl::StrCat(absl::Hex(text.size()), "\r\n", text, "\r\n"); }

}  // namespace

int64_t SseRetryMs(Comeback comeback) {
  constexpr int64_t kNeverMs = 3'600'000;
  constexpr int64_t kBackOffMs = 10'000;
  return comeback == Comeback::kNever ? kNeverMs : kBackOffMs;
}

std::string SseEvent(absl::string_view json, absl::string_view cursor) {
  std::string text;
  text.reserve(json.size() + cursor.size() + 16);
  if (!cursor.empty()) absl::StrAppend(&text, "id: ", cursor, "\n");
  while (true) {
    const size_t line = json.find_first_of("\r\n");
    absl::StrAppend(&text, "data: ", json.substr(0, line), "\n");
    if (line == absl::string_view::npos) break;
    json.remove_prefix(line + 1);
  }
  return text += '\n';
}

std::string SseChunk(absl::string_view json, absl::string_view cursor) { return Chunk(SseEvent(json, cursor)); }

std::string SsePing() { return Chunk(":\n\n"); }

std::string SseRetry(int64_t milliseconds) { return Chunk(absl::StrCat("retry: ", milliseconds, "\n\n")); }

std::string SseEnd() { return "0\r\n\r\n"; }

std::string SseFormat::Events(const EventRun& run) {
  return SseChunk(EventsMessage(run), FormatCursor(run.epoch, run.next_offset));
}

std::string SseFormat::Gap(BlockGap reason, absl::string_view epoch, int64_t start_offset, int64_t next_offset) {
  return SseChunk(GapMessage(reason, epoch, start_offset, next_offset), FormatCursor(epoch, next_offset));
}

}  // namespace gateway
