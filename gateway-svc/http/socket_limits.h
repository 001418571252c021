// How much the kernel may hold for a client's socket.

#ifndef GATEWAY_SVC_HTTP_SOCKET_LIMITS_H_
#define GATEWAY_SVC_HTTP_SOCKET_LIMITS_H_

#include <cstddef>

namespace gateway {

struct SocketLimits {
  // Bytes that the kernel queues and has not sent: short, so that a pong does not wait behind megabytes.
  int notsent_bytes_max = 128 * 1024;
  // SO_SNDBUF; 0 leaves it to the system.
  int send_buffer_bytes = 0;
};

// Sets the limits, and TCP_NODELAY. A connection that is gone already shows at its first read.
void Apply(const SocketLimits& limits, int fd);
// Before the last bytes of a connection: the kernel may take `bytes` although its queue is at the limit, so that a
// client that stopped reading finds them when it reads again.
void MakeRoom(const SocketLimits& limits, size_t bytes, int fd);

}  // namespace gateway

#endif  // GATEWAY_SVC_HTTP_SOCKET_LIMITS_H_
