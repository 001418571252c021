#include "gateway-svc/http/socket_limits.h"

#include <netinet/in.h>
#include <netinet/tcp.h>
#include <sys/socket.h>

namespace gateway {
namespace {

void Set(int fd, int level, int option, int value) { ::setsockopt(fd, level, option, &value, sizeof(value)); }

}  // namespace

void Apply(const SocketLimits& limits, int fd) {
  Set(fd, IPPROTO_TCP, TCP_NODELAY, 1);
  Set(fd, IPPROTO_TCP, TCP_NOTSENT_LOWAT, limits.notsent_bytes_max);
  if (limits.send_buffer_bytes > 0) Set(fd, SOL_SOCKET, SO_SNDBUF, limits.send_buffer_bytes);
}

void MakeRoom(const SocketLimits& limits, size_t bytes, int fd) {
  Set(fd, IPPROTO_TCP, TCP_NOTSENT_LOWAT, 0);  // the system's default, which is none
  // A buffer that was never set grows by itself.
  if (limits.send_buffer_bytes > 0) {
    Set(fd, SOL_SOCKET, SO_SNDBUF, 2 * limits.send_buffer_bytes + static_cast<int>(bytes));
  }
}

}  // namespace gateway
