// Where a client's cursor begins, decided from what the gateway knows of the log; says when the log must be asked.

#ifndef GATEWAY_SVC_HTTP_START_POSITION_H_
#define GATEWAY_SVC_HTTP_START_POSITION_H_

#include <cstdint>
#include <limits>
#include <optional>
#include <string>

#include "absl/status/status.h"
#include "absl/time/time.h"
#include "gateway-svc/http/stream_cursor.h"
#include "gateway-svc/hub/event_ring.h"
#include "gateway-svc/websocket/close_code.h"

namespace gateway {

// Why a client cannot begin: what it is told, and the code that it is closed with.
struct StartRefusal {
  CloseCode code;
  const char* error_code = "";
  std::string message;
};

struct StartPosition {
  enum class Kind {
    kOffset,   // `offset` it is
    kAskTail,  // the log knows: PageReader::FindTail(tail)
    kAskTime,  // PageReader::FindTime(time)
    kAskHead,  // the cursor is beyond the head that is known here: FindTail(0), then ConfirmHead
    kRefused,  // see `refusal`
  };
  Kind kind = Kind::kOffset;
  int64_t offset = 0;
  int64_t tail = 0;
  absl::Time time;
  StartRefusal refusal;
};

// A pure function of the request and the ring's state.
StartPosition DecideStart(const StartCursor& start, const RingState& state);

// After kAskHead: the position when the log's head is `head`.
StartPosition ConfirmHead(const StartCursor& start, int64_t head);

// Where it ends.
struct EndPosition {
  int64_t offset = std::numeric_limits<int64_t>::max();  // before this one
  absl::Time time = absl::InfiniteFuture();              // before the first event appended then or later
  std::optional<StartRefusal> refusal;
};

// A pure function of the request and the ring's state when the client begins.
EndPosition DecideEnd(const UntilCursor& until, const RingState& state);

// As `hello` names it: a cursor or "time:<RFC 3339>"; empty: never.
std::string FormatEnd(const EndPosition& end, const std::string& epoch);

// What a client is told when the log could not be asked.
StartRefusal LookupFailed(const absl::Status& status);

}  // namespace gateway

#endif  // GATEWAY_SVC_HTTP_START_POSITION_H_
