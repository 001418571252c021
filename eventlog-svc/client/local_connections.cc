#include "eventlog-svc/client/local_connections.h"

#include <netinet/in.h>
#include <sys/socket.h>

#include <vector>

#include "eventlog-svc/client/open_files.h"

namespace eventlog {
namespace {

// 0: not a TCP socket.
uint16_t LocalPort(int file) {
  sockaddr_storage address{};
  socklen_t size = sizeof(address);
  if (::getsockname(file, reinterpret_cast<sockaddr*>(&address), &size) != 0) return 0;
  if (address.ss_family == AF_INET) return ntohs(reinterpret_cast<const sockaddr_in&>(address).sin_port);
  if (address.ss_family == AF_INET6) return ntohs(reinterpret_cast<const sockaddr_in6&>(address).sin6_port);
  return 0;
}

bool Listens(int file) {
  int listens = 0;
  socklen_t size = sizeof(listens);
  return ::getsockopt(file, SOL_SOCKET, SO_ACCEPTCONN, &listens, &size) == 0 && listens != 0;
}

}  // namespace

void ShutDownConnections(uint16_t port) {
  const absl::StatusOr<std::vector<int>> files = OpenFiles();
  if (!files.ok()) return;
  for (const int file : *files) {
    if (LocalPort(file) == port && !Listens(file)) ::shutdown(file, SHUT_RDWR);
  }
}

}  // namespace eventlog
