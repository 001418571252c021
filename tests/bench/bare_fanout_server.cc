// The baseline of the fan-out benchmark: an epoll loop that sends the frames it is given to every client, with one
// contiguous send each, and nothing else.
//
// The first connection is the source: whatever it sends goes to all others. That is the least that a broadcast can do
// on this kernel. A client that cannot take a whole send is waited for (the benchmark's clients always read).

#include <arpa/inet.h>
#include <netinet/tcp.h>
#include <poll.h>
#include <signal.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <unistd.h>

#include <cerrno>
#include <cstdio>
#include <vector>

#include "glog/logging.h"

namespace {

constexpr size_t kChunkBytes = 256 * 1024;
constexpr int kEventsMax = 64;

void SendAll(int fd, const char* data, size_t size) {
  while (size > 0) {
    const ssize_t sent = send(fd, data, size, MSG_NOSIGNAL);
    if (sent < 0) {
      if (errno != EAGAIN) return;
      pollfd writable{fd, POLLOUT, 0};
      poll(&writable, 1, -1);
      continue;
    }
    data += sent;
    size -= static_cast<size_t>(sent);
  }
}

int Listen(int* port) {
  const int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  socklen_t size = sizeof(address);
  PCHECK(fd >= 0 && bind(fd, reinterpret_cast<sockaddr*>(&address), size) == 0 && listen(fd, 4096) == 0);
  PCHECK(getsockname(fd, reinterpret_cast<sockaddr*>(&address), &size) == 0);
  *port = ntohs(address.sin_port);
  return fd;
}

void Watch(int poller, int fd) {
  epoll_event event{};
  event.events = EPOLLIN;
  event.data.fd = fd;
  PCHECK(epoll_ctl(poller, EPOLL_CTL_ADD, fd, &event) == 0);
}

}  // namespace

int main() {
  int port = 0;
  const int listener = Listen(&port);
  const int poller = epoll_create1(EPOLL_CLOEXEC);
  Watch(poller, listener);
  std::printf("ready tcp=127.0.0.1:%d\n", port);
  std::fflush(stdout);

  int source = -1;
  std::vector<int> clients;
  std::vector<char> chunk(kChunkBytes);
  while (true) {
    epoll_event events[kEventsMax];
    const int count = epoll_wait(poller, events, kEventsMax, -1);
    for (int i = 0; i < count; ++i) {
      if (events[i].data.fd == listener) {
        const int fd = accept4(listener, nullptr, nullptr, SOCK_NONBLOCK | SOCK_CLOEXEC);
        const int on = 1;
        setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &on, sizeof(on));
        if (source < 0) {
          source = fd;
          Watch(poller, fd);
        } else {
          clients.push_back(fd);
        }
      } else {
        const ssize_t size = read(source, chunk.data(), chunk.size());
        if (size == 0) return 0;
        if (size > 0) {
          for (const int client : clients) SendAll(client, chunk.data(), static_cast<size_t>(size));
        }
      }
    }
  }
}
