// What clients have not yet got of what was written to their connections.
//
// Who closes a connection while the client still sends (it acknowledges what it reads) is answered with a reset by TCP,
// and what lies in the send queue is gone: gRPC closes so at the end of its shutdown.

#ifndef EVENTLOG_SVC_UNSENT_BYTES_H_
#define EVENTLOG_SVC_UNSENT_BYTES_H_

#include <cstdint>

#include "absl/time/time.h"

namespace eventlog {

// Bytes that were written and not yet acknowledged by the peers' systems, of all of this process's TCP connections at
// the local `port`. Looks at every open file. Any thread.
int64_t UnsentBytes(int port);

// Waits until there are none; false when the deadline comes first.
bool AwaitSent(int port, absl::Time deadline);

}  // namespace eventlog

#endif  // EVENTLOG_SVC_UNSENT_BYTES_H_
