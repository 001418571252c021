// What an EventLogClient counts.

#ifndef EVENTLOG_SVC_CLIENT_EVENT_LOG_CLIENT_COUNTERS_H_
#define EVENTLOG_SVC_CLIENT_EVENT_LOG_CLIENT_COUNTERS_H_

#include <cstdint>

namespace eventlog {

// Events, since the client was made. Without a spool: queued = acknowledged + rejected + displaced + those on their
// way. With a spool `queued` are those that this client was given, and acknowledged and rejected those that it sent,
// whoever added them: the spool's own counters are in SpoolStats.
struct EventLogClientCounters {
  int64_t queued = 0;
  int64_t acknowledged = 0;
  int64_t rejected = 0;   // refused for good, or given up by Close
  int64_t dropped = 0;    // never taken (no room, or the client was closed), or displaced
  int64_t displaced = 0;  // of those: taken, and taken out again to make room for newer ones
  int64_t connections = 0;
  int64_t resent = 0;  // written once more, since a connection ended before the answer; each time counts
};

}  // namespace eventlog

#endif  // EVENTLOG_SVC_CLIENT_EVENT_LOG_CLIENT_COUNTERS_H_
