// Ends this process's connections on one of its ports, for a server library that does not tell which it has.

#ifndef GATEWAY_SVC_HTTP_LOCAL_CONNECTIONS_H_
#define GATEWAY_SVC_HTTP_LOCAL_CONNECTIONS_H_

#include <cstdint>

namespace gateway {

// Shuts down every TCP connection whose local port is `port`: who reads from it finds the end. Sockets that listen are
// left alone. For the end of a process, when no other thread opens files on purpose.
void ShutDownConnections(uint16_t port);

}  // namespace gateway

#endif  // GATEWAY_SVC_HTTP_LOCAL_CONNECTIONS_H_
