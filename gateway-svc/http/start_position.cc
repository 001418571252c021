#include "gateway-svc/http/start_position.h"

#include <limits>
#include <utility>

#include "absl/strings/str_cat.h"

namespace gateway {
namespace {

StartPosition At(int64_t offset) {
  StartPosition position;
  position.offset = offset;
  return position;
}

StartPosition AskTail(int64_t count) {
  StartPosition position;
  position.kind = StartPosition::Kind::kAskTail;
  position.tail = count;
  return position;
}

StartPosition Refuse(const CloseCode& code, const char* error_code, std::string message) {
  StartPosition position;
  position.kind = StartPosition::Kind::kRefused;
  position.refusal = {code, error_code, std::move(message)};
  return position;
}

std::string WrongEpoch(const std::string& epoch, const RingState& state) {
  return absl::StrCat("the cursor is of the log life ", epoch, ", but this is ", state.epoch,
                      ": start with cursor=earliest or cursor=latest");
}

StartPosition AfterCursor(const Cursor& cursor, const RingState& state) {
  if (cursor.epoch != state.epoch) {
    return Refuse(kCloseWrongEpoch, "CURSOR_WRONG_EPOCH", WrongEpoch(cursor.epoch, state));
  }
  if (cursor.offset + 1 <= state.log_head) return At(cursor.offset + 1);
  // Another gateway may have been ahead of this one.
  StartPosition position;
  position.kind = StartPosition::Kind::kAskHead;
  return position;
}

}  // namespace

StartPosition DecideStart(const StartCursor& start, const RingState& state) {
  if (!state.ready) {
    return Refuse(kCloseNoUpstream, "UPSTREAM_UNAVAILABLE", "the log has not been reached yet: try again later");
  }
  switch (start.kind) {
    case StartCursor::Kind::kLatest:
      return At(state.log_head);
    case StartCursor::Kind::kEarliest:
      if (state.ring_start <= state.log_start || !state.connected) return At(state.log_start);
      // The log may have been trimmed since.
      return AskTail(std::numeric_limits<int64_t>::max());
    case StartCursor::Kind::kTail:
      return start.tail == 0 ? At(state.log_head) : AskTail(start.tail);
    case StartCursor::Kind::kTime: {
      StartPosition position;
      position.kind = StartPosition::Kind::kAskTime;
      position.time = start.time;
      return position;
    }
    case StartCursor::Kind::kCursor:
      break;
  }
  return AfterCursor(start.cursor, state);
}

StartPosition ConfirmHead(const StartCursor& start, int64_t head) {
  if (start.cursor.offset + 1 <= head) return At(start.cursor.offset + 1);
  return Refuse(kCloseBeyondHead, "CURSOR_BEYOND_HEAD",
                absl::StrCat("the cursor's offset ", start.cursor.offset, " is beyond the log's last, ", head - 1));
}

EndPosition DecideEnd(const UntilCursor& until, const RingState& state) {
  EndPosition end;
  switch (until.kind) {
    case UntilCursor::Kind::kNever:
      break;
    case UntilCursor::Kind::kCaughtUp:
      end.offset = state.log_head;
      break;
    case UntilCursor::Kind::kTime:
      end.time = until.time;
      break;
    case UntilCursor::Kind::kCursor:
      end.offset = until.cursor.offset + 1;
      if (until.cursor.epoch != state.epoch) {
        end.refusal = {kCloseWrongEpoch, "CURSOR_WRONG_EPOCH", WrongEpoch(until.cursor.epoch, state)};
      }
  }
  return end;
}

std::string FormatEnd(const EndPosition& end, const std::string& epoch) {
  if (end.offset != std::numeric_limits<int64_t>::max()) return FormatCursor(epoch, end.offset);
  if (end.time == absl::InfiniteFuture()) return "";
  return absl::StrCat("time:", absl::FormatTime("%Y-%m-%dT%H:%M:%E*SZ", end.time, absl::UTCTimeZone()));
}

StartRefusal LookupFailed(const absl::Status& status) {
  if (status.code() == absl::StatusCode::kInvalidArgument || status.code() == absl::StatusCode::kOutOfRange) {
    return {kCloseBadRequest, "CURSOR_INVALID", absl::StrCat("cursor: ", std::string(status.message()))};
  }
  return {kCloseNoUpstream, "UPSTREAM_UNAVAILABLE", "the log cannot be asked for the start now: try again later"};
}

}  // namespace gateway
