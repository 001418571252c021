// Why a connection ends, as data: code, words, and whether the client may come back.
//
// Codes below 4000 are RFC 6455's and IANA's. Ours say in their hundreds what a client should do:
// 40xx mend the request and do not retry, 41xx come back later, 42xx come back now with the last cursor.

#ifndef GATEWAY_SVC_WEBSOCKET_CLOSE_CODE_H_
#define GATEWAY_SVC_WEBSOCKET_CLOSE_CODE_H_

#include <cstddef>
#include <cstdint>
#include <string>

#include "absl/strings/string_view.h"

namespace gateway {

enum class Comeback {
  kResume,   // at once, with the last cursor
  kBackOff,  // later, with growing delays
  kNever,    // the same request would fail again
};

struct CloseCode {
  uint16_t code = 0;
  // A short name for metrics and logs: a-z and '_'.
  const char* name = "";
  // What a person reads in the reason when nothing more exact is known.
  const char* text = "";
  Comeback comeback = Comeback::kNever;
};

inline constexpr CloseCode kCloseNormal{1000, "normal", "goodbye", Comeback::kNever};
inline constexpr CloseCode kCloseProtocolError{1002, "protocol_error", "protocol error", Comeback::kNever};
inline constexpr CloseCode kCloseInvalidPayload{1007, "invalid_payload", "text is not UTF-8", Comeback::kNever};
inline constexpr CloseCode kCloseFlood{1008, "flood", "too many messages from the client", Comeback::kNever};
inline constexpr CloseCode kCloseKicked{1008, "kicked", "ended by an operator", Comeback::kNever};
inline constexpr CloseCode kCloseTooBig{1009, "too_big", "message too big", Comeback::kNever};
inline constexpr CloseCode kCloseInflateRatio{1009, "inflate_ratio", "a message inflates too much", Comeback::kNever};
inline constexpr CloseCode kCloseInternal{1011, "internal", "internal error", Comeback::kBackOff};
inline constexpr CloseCode kCloseRestart{1012, "restart", "the gateway restarts", Comeback::kResume};
inline constexpr CloseCode kCloseOverloaded{1013, "overloaded", "too many connections", Comeback::kBackOff};
inline constexpr CloseCode kCloseBadRequest{4000, "bad_request", "bad request", Comeback::kNever};
inline constexpr CloseCode kCloseWrongEpoch{4001, "wrong_epoch", "the cursor is of another log", Comeback::kNever};
inline constexpr CloseCode kCloseBeyondHead{4002, "beyond_head", "the cursor is beyond the head", Comeback::kNever};
inline constexpr CloseCode kCloseGap{4003, "gap", "events are gone", Comeback::kNever};
inline constexpr CloseCode kCloseNoUpstream{1013, "no_upstream", "the log is not reachable", Comeback::kBackOff};
inline constexpr CloseCode kCloseSlow{4200, "slow", "the client reads too slowly", Comeback::kResume};
inline constexpr CloseCode kCloseNoPong{4201, "no_pong", "no pong came in time", Comeback::kResume};

// A control frame holds 125 bytes: two of the code, the rest is the reason.
inline constexpr size_t kCloseReasonBytesMax = 123;

// Whether a peer may send `code` in a Close frame.
bool IsCloseCodeOnWire(uint16_t code);

// The reason of a Close frame: `text`, and " cursor=<cursor>" when there is one. At most kCloseReasonBytesMax bytes;
// the text is cut between characters, the cursor never.
std::string CloseReason(absl::string_view text, absl::string_view cursor);

}  // namespace gateway

#endif  // GATEWAY_SVC_WEBSOCKET_CLOSE_CODE_H_
