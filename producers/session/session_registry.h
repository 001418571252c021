// The sessions that run on this machine as this user: one small file each, in one folder.
//
// A file is there from before session.created is appended until session.removed is kept. It outlives its holder, which
// is the point: what is left of a session whose holder was killed is repaired from it (orphan_repair.h). Files are
// written beside and renamed, so a reader sees all of one or none; what a process that was killed meanwhile has left
// beside goes after an hour, with a repair. They are not synced: after a power cut a file may be empty, which Read
// says.
//
// Thread safe, and process safe.

#ifndef PRODUCERS_SESSION_SESSION_REGISTRY_H_
#define PRODUCERS_SESSION_SESSION_REGISTRY_H_

#include <memory>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "producers/session/process_lock.h"
#include "proto/session/v1/session_entry.pb.h"

namespace eventlog {

// EVENTLOG_SESSION_DIR of the environment, or else $XDG_STATE_HOME/eventlog-sessions or
// ~/.local/state/eventlog-sessions. Not XDG_RUNTIME_DIR: what a reboot ended is to be repaired, too.
std::string SessionRegistryFolder();

// The entry's host, boot and holder: this process.
void SetHolder(session::v1::SessionEntry& entry);
// Whether the entry's holder is on another machine, and nothing can be known of it here.
bool IsElsewhere(const session::v1::SessionEntry& entry);
// Whether the holder runs.
bool IsHeld(const session::v1::SessionEntry& entry);

class SessionRegistry {
 public:
  // Makes the folder where it is missing, for its owner alone.
  static absl::StatusOr<SessionRegistry> Open(const std::string& folder);

  // Also in place of an older one.
  absl::Status Write(const session::v1::SessionEntry& entry) const;
  // kNotFound when there is none; kDataLoss when it cannot be understood; anything else, and at once, where what has
  // its name is no regular file of this user.
  absl::StatusOr<session::v1::SessionEntry> Read(const std::string& session_id) const;
  // OK also when there is none.
  absl::Status Remove(const std::string& session_id) const;
  // The ids, in the order in which the sessions were created.
  absl::StatusOr<std::vector<std::string>> List() const;

  // What was written beside an hour ago, and not renamed: nobody is at it any more.
  void RemoveOldDrafts() const;

  // The right to repair; nothing when another object of any process has it. Does not wait.
  std::unique_ptr<ProcessLock> TryLock() const;

  const std::string& folder() const { return folder_; }

 private:
  explicit SessionRegistry(std::string folder) : folder_(std::move(folder)) {}
  std::string PathOf(const std::string& session_id) const;

  std::string folder_;
};

}  // namespace eventlog

#endif  // PRODUCERS_SESSION_SESSION_REGISTRY_H_
