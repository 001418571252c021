#include "producers/session/orphan_repair.h"

#include <poll.h>
#include <signal.h>

#include <memory>
#include <string>
#include <utility>

#include "absl/status/statusor.h"
#include "producers/session/process_identity.h"
#include "producers/session/session_events.h"
#include "proto/session/v1/session.pb.h"

namespace eventlog {
namespace {

using session::v1::SessionEntry;

// For what nothing resists.
constexpr absl::Duration kKillPatience = absl::Seconds(5);

bool IsToldToStop(const OrphanRepairOptions& options) {
  pollfd ready[] = {{options.stop, POLLIN, 0}};
  return poll(ready, 1, 0) > 0;
}

// To the command's group, where it has one of its own and its leader still is who it was.
void SignalCommand(const SessionEntry& entry, int signal) {
  const pid_t pid = static_cast<pid_t>(entry.command_process().pid());
  const absl::Status sent = SignalProcess(pid, entry.command_process().start_time(), signal);
  if (sent.ok() && entry.command_group()) kill(-pid, signal);
}

// Whether the command does not run any more.
bool EndCommand(const SessionEntry& entry, const OrphanRepairOptions& options) {
  const pid_t pid = static_cast<pid_t>(entry.command_process().pid());
  const int64_t start_time = entry.command_process().start_time();
  // Of another boot: whatever has the number now is not ours.
  if (entry.boot_id() != BootId() || StartTime(pid) == 0 || StartTime(pid) != start_time) return true;
  SignalCommand(entry, SIGHUP);
  SignalCommand(entry, SIGCONT);
  if (WaitForEnd(pid, start_time, options.stop, options.hangup_patience)) return true;
  // The next one has the patience.
  if (IsToldToStop(options)) return false;
  SignalCommand(entry, SIGKILL);
  return WaitForEnd(pid, start_time, options.stop, kKillPatience);
}

std::vector<v1::Event> LastEvents(const SessionEntry& entry) {
  std::vector<v1::Event> events;
  for (const std::string& unkept : entry.unkept_events()) {
    v1::Event event;
    if (event.ParseFromString(unkept)) events.push_back(std::move(event));
  }
  const bool known = entry.has_removed();
  session::v1::SessionRemoved removed = entry.removed();
  removed.set_session_id(entry.session_id());
  if (!known) removed.set_reason(session::v1::REMOVAL_REASON_ORPHANED);
  events.push_back(MakeEvent(removed));
  for (const std::string& client_id : entry.client_ids()) {
    session::v1::ClientDisconnected disconnected;
    disconnected.set_session_id(entry.session_id());
    disconnected.set_client_id(client_id);
    disconnected.set_reason(known ? session::v1::DISCONNECT_REASON_SESSION_REMOVED
                                  : session::v1::DISCONNECT_REASON_LOST);
    // Who was lost went first; who saw the end went with it.
    events.insert(known ? events.end() : events.end() - 1, MakeEvent(disconnected));
  }
  return events;
}

// Nothing when there is nothing to repair.
absl::StatusOr<SessionEntry> OrphanOf(const SessionRegistry& registry, const std::string& id) {
  absl::StatusOr<SessionEntry> entry = registry.Read(id);
  if (absl::IsDataLoss(entry.status())) {
    // A power cut: its holder is gone, too, and the name is all that is left.
    SessionEntry unknown;
    unknown.set_session_id(id);
    return unknown;
  }
  if (!entry.ok()) return entry;
  if (IsHeld(*entry)) return absl::NotFoundError("its holder runs");
  // A holder that ended by itself has removed its entry before: what is there now was left behind.
  return registry.Read(id);
}

}  // namespace

absl::StatusOr<OrphanRepairCounts> RepairOrphans(const SessionRegistry& registry, const OrphanRepairOptions& options) {
  OrphanRepairCounts counts;
  const std::unique_ptr<ProcessLock> lock = registry.TryLock();
  if (lock == nullptr) return counts;
  registry.RemoveOldDrafts();
  const absl::StatusOr<std::vector<std::string>> ids = registry.List();
  if (!ids.ok()) return ids.status();
  for (const std::string& id : *ids) {
    const absl::StatusOr<SessionEntry> orphan = OrphanOf(registry, id);
    if (!orphan.ok()) continue;
    const bool ended = EndCommand(*orphan, options);
    const bool kept = ended && options.add(*orphan, LastEvents(*orphan)).ok();
    if (kept && registry.Remove(id).ok()) {
      ++counts.repaired;
    } else {
      ++counts.left;
    }
    // Where events cannot be kept each orphan waits for that anew.
    if (ended && !kept && IsToldToStop(options)) break;
  }
  return counts;
}

}  // namespace eventlog
