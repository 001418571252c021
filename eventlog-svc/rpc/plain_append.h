// Append requests whose events need no parsing.

#ifndef EVENTLOG_SVC_RPC_PLAIN_APPEND_H_
#define EVENTLOG_SVC_RPC_PLAIN_APPEND_H_

#include <cstddef>
#include <vector>

#include "absl/strings/string_view.h"
#include "eventlog-svc/rpc/plain_event.h"
#include "proto/eventlog/v1/event_log.pb.h"

namespace eventlog {

struct PlainAppend {
  v1::AppendRequest rest;  // all but the events
  std::vector<PlainEvent> events;
  size_t event_bytes = 0;  // of all events together
};

// Reads the wire form of an AppendRequest, which must outlive what is given. What `append` held goes, but for its
// memory. False when one of its events is not a PlainEvent, there are more of them than `events_max`, or the rest is
// not well formed: then others must look at it, and say what is wrong.
bool ReadPlainAppend(absl::string_view request, size_t events_max, PlainAppend& append);

}  // namespace eventlog

#endif  // EVENTLOG_SVC_RPC_PLAIN_APPEND_H_
