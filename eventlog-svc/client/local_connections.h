// Ends this process's connections on one of its ports, for a server library that does not tell which it has.

#ifndef EVENTLOG_SVC_CLIENT_LOCAL_CONNECTIONS_H_
#define EVENTLOG_SVC_CLIENT_LOCAL_CONNECTIONS_H_

#include <cstdint>

namespace eventlog {

// Shuts down every TCP connection whose local port is `port`: who reads from it finds the end. Sockets that listen are
// left alone. For the end of a process, when no other thread opens files on purpose.
void ShutDownConnections(uint16_t port);

}  // namespace eventlog

#endif  // EVENTLOG_SVC_CLIENT_LOCAL_CONNECTIONS_H_
