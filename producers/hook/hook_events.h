// The events of one hook: what a coding agent gave to it, unchanged, and where it belongs.
//
// A JSON object becomes `hook.<name>` with the object's bytes as `text`. One that is larger than an event may be comes
// in parts: events of the same type and subject, one behind the other, with the attributes `part` (1 to N), `parts` (N)
// and `payload_id` (the same in all), the content type text/plain, and texts that put together are the object.
// What is lost is said: a payload above the bound becomes `hook.<name>` without data, and what is no JSON object
// `hook.invalid` with (the beginning of) its bytes as `binary`; both have the attributes `reason`, a name of
// HookFault, and `payload_bytes`, how many came. Of events that could not be kept there is `hook.lost`: with the
// numbers `lost`, since the last such event, and `lost_total`, since the spool's folder was made, and the reason
// NOT_KEPT.

#ifndef PRODUCERS_HOOK_HOOK_EVENTS_H_
#define PRODUCERS_HOOK_HOOK_EVENTS_H_

#include <cstdint>
#include <string>
#include <vector>

#include "absl/time/time.h"
#include "producers/hook/payload_reader.h"
#include "proto/eventlog/v1/event.pb.h"

namespace eventlog {

// What is wrong with a payload.
enum class HookFault {
  kNone,
  kInvalidJson,      // "INVALID_JSON": also bytes that are not UTF-8, nesting deeper than 256, and nothing at all
  kNotAnObject,      // "NOT_AN_OBJECT"
  kPayloadTooLarge,  // "PAYLOAD_TOO_LARGE"
  kInputUnfinished,  // "INPUT_UNFINISHED"
};

struct HookEventOptions {
  std::string session_id;  // of the session that the agent runs in; empty: the subject is the agent's own session
  std::string source;
  absl::Time time;
  int64_t payload_bytes_max = PayloadReaderOptions().bytes_max;
  // Of one event's data; the log's bound is for the whole event.
  int64_t part_bytes_max = 1024 * 1024 - 16 * 1024;
};

struct HookEvents {
  HookFault fault = HookFault::kNone;
  std::vector<v1::Event> events;  // never empty
};

HookEvents MakeHookEvents(const Payload& payload, const HookEventOptions& options);

v1::Event MakeLostEvent(int64_t lost, int64_t total, const HookEventOptions& options);

// Its name, as above; empty for kNone.
std::string HookFaultName(HookFault fault);

}  // namespace eventlog

#endif  // PRODUCERS_HOOK_HOOK_EVENTS_H_
