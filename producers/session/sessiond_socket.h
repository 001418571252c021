// The Unix socket of sessiond: where it is, who may have it, who may connect.
//
// One sessiond has a socket: the one that holds the lock beside it (PATH.lock), which the kernel frees with its
// process. So a socket file without a lock is stale and is replaced, and one with a lock is never touched.

#ifndef PRODUCERS_SESSION_SESSIOND_SOCKET_H_
#define PRODUCERS_SESSION_SESSIOND_SOCKET_H_

#include <sys/socket.h>
#include <unistd.h>

#include <memory>
#include <string>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "producers/session/process_lock.h"

namespace eventlog {

// The path, where no flag says it.
inline constexpr char kSessiondSocketVariable[] = "EVENTLOG_SESSIOND_SOCKET";
// That of the environment, or else in $XDG_RUNTIME_DIR, or else in `state_folder`.
std::string SessiondSocketPath(const std::string& state_folder);

// Whether a process of this user may use the sessiond of `own`: the same user, or root.
inline bool MayConnect(uid_t peer, uid_t own) { return peer == own || peer == 0; }
// The process at the other end of a Unix socket, as the kernel knows it.
absl::StatusOr<ucred> PeerOf(int socket);

// A socket that listens, for this user alone (mode 0600).
class SessiondSocket {
 public:
  // kAlreadyExists when a sessiond has it; kInvalidArgument when the path is too long for a socket.
  static absl::StatusOr<std::unique_ptr<SessiondSocket>> Listen(const std::string& path);
  // Takes the file away.
  ~SessiondSocket();
  SessiondSocket(const SessiondSocket&) = delete;
  SessiondSocket& operator=(const SessiondSocket&) = delete;

  // Gives the descriptor away.
  int Release();
  const std::string& path() const { return path_; }

 private:
  SessiondSocket(std::string path, std::unique_ptr<ProcessLock> lock, int descriptor)
      : path_(std::move(path)), lock_(std::move(lock)), descriptor_(descriptor) {}

  const std::string path_;
  const std::unique_ptr<ProcessLock> lock_;
  int descriptor_;
};

// A connected, blocking socket. kNotFound when no sessiond listens there; kPermissionDenied when it is another user's.
absl::StatusOr<int> ConnectToSessiond(const std::string& path);

}  // namespace eventlog

#endif  // PRODUCERS_SESSION_SESSIOND_SOCKET_H_
