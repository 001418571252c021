// The end of sessions whose holder was killed, told by whoever starts next.
//
// Such a session gets client.disconnected (LOST) for each client that it had, and session.removed (ORPHANED, or what
// the holder knew and could not keep). Its command, if it still runs, is ended before: SIGHUP, as when a terminal goes,
// and after a while SIGKILL.
//
// Once: one process at a time repairs (a lock on the registry's folder; who does not get it leaves the work to the
// other), a session's entry is read again after its holder was seen to be gone, and removed once the events are kept.
// What a holder, or a repair, had kept before it was killed is added again, with the same event ids: `add` leaves that
// out.

#ifndef PRODUCERS_SESSION_ORPHAN_REPAIR_H_
#define PRODUCERS_SESSION_ORPHAN_REPAIR_H_

#include <functional>
#include <vector>

#include "absl/status/status.h"
#include "absl/time/time.h"
#include "producers/session/session_registry.h"
#include "proto/eventlog/v1/event.pb.h"
#include "proto/session/v1/session_entry.pb.h"

namespace eventlog {

struct OrphanRepairOptions {
  // Keeps all events of one session, or none, each id once; they go where the entry says.
  std::function<absl::Status(const session::v1::SessionEntry&, const std::vector<v1::Event>&)> add;
  // How long a command has to end after SIGHUP.
  absl::Duration hangup_patience = absl::Seconds(5);
  // Readable when the repair is to end soon; what it leaves is repaired at the next start. -1: never.
  int stop = -1;
};

struct OrphanRepairCounts {
  int repaired = 0;
  int left = 0;  // orphans whose events could not be kept, or whose command does not end; of those that were tried
};

// May take as long as the commands that it ends; any thread. kUnavailable when the registry cannot be read.
absl::StatusOr<OrphanRepairCounts> RepairOrphans(const SessionRegistry& registry, const OrphanRepairOptions& options);

}  // namespace eventlog

#endif  // PRODUCERS_SESSION_ORPHAN_REPAIR_H_
