#include "producers/session/sessiond_socket.h"

#include <sys/stat.h>
#include <sys/un.h>

#include <cerrno>
#include <cstdlib>
#include <cstring>
#include <utility>

#include "absl/cleanup/cleanup.h"
#include "absl/strings/str_cat.h"

namespace eventlog {
namespace {

constexpr char kSocketName[] = "eventlog-sessiond.sock";
constexpr int kBacklog = 64;

absl::StatusOr<sockaddr_un> AddressOf(const std::string& path) {
  sockaddr_un address{};
  address.sun_family = AF_UNIX;
  if (path.empty() || path.size() >= sizeof(address.sun_path)) {
    return absl::InvalidArgumentError(absl::StrCat("a socket's path has 1 to ", sizeof(address.sun_path) - 1,
                                                   " bytes, not ", path.size(), ": ", path));
  }
  std::memcpy(address.sun_path, path.data(), path.size());
  return address;
}

}  // namespace

std::string SessiondSocketPath(const std::string& state_folder) {
  for (const char* variable : {kSessiondSocketVariable, "XDG_RUNTIME_DIR"}) {
    const char* value = std::getenv(variable);
    if (value == nullptr || *value == '\0') continue;
    return variable == kSessiondSocketVariable ? value : absl::StrCat(value, "/", kSocketName);
  }
  return absl::StrCat(state_folder, "/", kSocketName);
}

absl::StatusOr<ucred> PeerOf(int socket) {
  ucred peer{};
  socklen_t size = sizeof(peer);
  if (getsockopt(socket, SOL_SOCKET, SO_PEERCRED, &peer, &size) != 0) return absl::ErrnoToStatus(errno, "the peer");
  return peer;
}

absl::StatusOr<std::unique_ptr<SessiondSocket>> SessiondSocket::Listen(const std::string& path) {
  absl::StatusOr<sockaddr_un> address = AddressOf(path);
  if (!address.ok()) return address.status();
  absl::StatusOr<std::unique_ptr<ProcessLock>> lock = ProcessLock::TryTake(path + ".lock");
  if (!lock.ok()) return lock.status();
  if (*lock == nullptr) return absl::AlreadyExistsError(absl::StrCat("another sessiond has the socket ", path));
  struct stat found;
  if (lstat(path.c_str(), &found) == 0) {
    if (!S_ISSOCK(found.st_mode)) return absl::FailedPreconditionError(absl::StrCat(path, " is there and no socket"));
    if (unlink(path.c_str()) != 0) return absl::ErrnoToStatus(errno, absl::StrCat("cannot remove the stale ", path));
  }
  const int descriptor = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
  if (descriptor < 0) return absl::ErrnoToStatus(errno, "no socket");
  absl::Cleanup close_socket = [&] { close(descriptor); };
  // Nobody can connect between bind and chmod: it does not listen yet, and the mode is there from the start.
  const mode_t mask = umask(0177);
  const int bound = bind(descriptor, reinterpret_cast<const sockaddr*>(&*address), sizeof(*address));
  const int error = errno;
  umask(mask);
  if (bound != 0) return absl::ErrnoToStatus(error, absl::StrCat("cannot bind ", path));
  if (listen(descriptor, kBacklog) != 0) return absl::ErrnoToStatus(errno, absl::StrCat("cannot listen on ", path));
  std::move(close_socket).Cancel();
  return std::unique_ptr<SessiondSocket>(new SessiondSocket(path, *std::move(lock), descriptor));
}

SessiondSocket::~SessiondSocket() {
  unlink(path_.c_str());
  if (descriptor_ >= 0) close(descriptor_);
}

int SessiondSocket::Release() { return std::exchange(descriptor_, -1); }

absl::StatusOr<int> ConnectToSessiond(const std::string& path) {
  const absl::StatusOr<sockaddr_un> address = AddressOf(path);
  if (!address.ok()) return address.status();
  const int descriptor = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
  if (descriptor < 0) return absl::ErrnoToStatus(errno, "no socket");
  if (connect(descriptor, reinterpret_cast<const sockaddr*>(&*address), sizeof(*address)) == 0) {
    // Who sits on a path that others may write to would be told our environment.
    const absl::StatusOr<ucred> peer = PeerOf(descriptor);
    if (peer.ok() && MayConnect(peer->uid, geteuid())) return descriptor;
    close(descriptor);
    return absl::PermissionDeniedError(absl::StrCat("what listens on ", path, " is another user's"));
  }
  const int error = errno;
  close(descriptor);
  if (error == ENOENT || error == ECONNREFUSED) {
    return absl::NotFoundError(absl::StrCat("no sessiond listens on ", path));
  }
  return absl::ErrnoToStatus(error, absl::StrCat("cannot connect to sessiond on ", path));
}

}  // namespace eventlog
