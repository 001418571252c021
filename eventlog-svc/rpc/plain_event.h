// Events that need no parsing: valid, and written as protobuf itself writes them, so that their wire bytes can be kept
// as they came. Nearly all are.

#ifndef EVENTLOG_SVC_RPC_PLAIN_EVENT_H_
#define EVENTLOG_SVC_RPC_PLAIN_EVENT_H_

#include <optional>

#include "absl/strings/string_view.h"

namespace eventlog {

struct PlainEvent {
  absl::string_view wire;
  bool has_id = false;
  bool has_time = false;
};

// Looks at the wire form of an eventlog.v1.Event, once and without allocating. Nothing when it breaks a limit of the
// API (its own size aside), or is not written plainly: fields in rising order, none of them twice, no empty name, none
// that this version does not know, no length or number longer than it need be, at most 16 attributes. Such an event may
// be valid: it wants protobuf's parser and ValidateEvent, which also say what is wrong.
std::optional<PlainEvent> ReadPlainEvent(absl::string_view wire);

}  // namespace eventlog

#endif  // EVENTLOG_SVC_RPC_PLAIN_EVENT_H_
