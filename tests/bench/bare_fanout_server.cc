// The baseline of the fan-out benchmark: an epoll loop that sends the frames it is given to every client, with one
// contiguous send each, and nothing else.
//
// The first connection is the source: what it sends, each time a length and so many bytes, goes to all others, in one
// piece what is there. That is the least that a broadcast can do on this kernel. A client that cannot take a whole send
// is waited for (the benchmark's clients always read). Each is greeted, so that it knows that it is in. The first
// argument is the number of threads, which have as many clients each.

#include <arpa/inet.h>
#include <netinet/tcp.h>
#include <poll.h>
#include <signal.h>
#include <sys/epoll.h>
#include <sys/ioctl.h>
#include <sys/socket.h>
#include <unistd.h>

#include <cerrno>
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <memory>
#include <thread>
#include <vector>

#include "absl/base/thread_annotations.h"
#include "absl/synchronization/mutex.h"
#include "glog/logging.h"

namespace {

constexpr size_t kMessageBytesMax = 64 * 1024 * 1024;
constexpr int kEventsMax = 64;
constexpr char kGreeting[] = "\x81\x10{\"type\":\"hello\"}";

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

// False at the end of the stream.
bool ReadAll(int fd, char* data, size_t size) {
  while (size > 0) {
    const ssize_t come = read(fd, data, size);
    if (come == 0) return false;
    PCHECK(come > 0);
    data += come;
    size -= static_cast<size_t>(come);
  }
  return true;
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

// One thread with its clients.
class Sender {
 public:
  Sender() : thread_([this] { Run(); }) {}
  ~Sender() {
    {
      absl::MutexLock lock(&mutex_);
      stopping_ = true;
    }
    thread_.join();
  }

  // While nothing is being sent.
  void Add(int client) {
    absl::MutexLock lock(&mutex_);
    clients_.push_back(client);
  }
  void Begin(const std::vector<char>& message) {
    absl::MutexLock lock(&mutex_);
    message_ = &message;
  }
  void AwaitEnd() {
    absl::MutexLock lock(&mutex_);
    const auto ended = [this]() ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_) { return message_ == nullptr; };
    mutex_.Await(absl::Condition(&ended));
  }

 private:
  void Run() {
    while (true) {
      const std::vector<char>* message = nullptr;
      std::vector<int> clients;
      {
        absl::MutexLock lock(&mutex_);
        const auto begun = [this]() ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_) { return message_ != nullptr || stopping_; };
        mutex_.Await(absl::Condition(&begun));
        if (stopping_) return;
        message = message_;
        clients.swap(clients_);
      }
      for (const int client : clients) SendAll(client, message->data(), message->size());
      absl::MutexLock lock(&mutex_);
      clients_.swap(clients);
      message_ = nullptr;
    }
  }

  absl::Mutex mutex_;
  bool stopping_ ABSL_GUARDED_BY(mutex_) = false;
  const std::vector<char>* message_ ABSL_GUARDED_BY(mutex_) = nullptr;  // the one that is being sent
  std::vector<int> clients_ ABSL_GUARDED_BY(mutex_);
  std::thread thread_;
};

bool HasMore(int source) {
  int unread = 0;
  PCHECK(ioctl(source, FIONREAD, &unread) == 0);
  return unread > 0;
}

// Everything that the source has sent by now. False when it has ended.
bool Broadcast(int source, std::vector<char>& message, std::vector<std::unique_ptr<Sender>>& senders) {
  message.clear();
  do {
    uint32_t size = 0;
    if (!ReadAll(source, reinterpret_cast<char*>(&size), sizeof(size))) return false;
    const size_t before = message.size();
    CHECK_LE(before + size, kMessageBytesMax);
    message.resize(before + size);
    if (!ReadAll(source, message.data() + before, size)) return false;
  } while (HasMore(source));
  for (const auto& sender : senders) sender->Begin(message);
  for (const auto& sender : senders) sender->AwaitEnd();
  return true;
}

}  // namespace

int main(int argc, char** argv) {
  std::vector<std::unique_ptr<Sender>> senders(argc > 1 ? std::atoi(argv[1]) : 1);
  for (auto& sender : senders) sender = std::make_unique<Sender>();
  int port = 0;
  const int listener = Listen(&port);
  const int poller = epoll_create1(EPOLL_CLOEXEC);
  Watch(poller, listener);
  std::printf("ready tcp=127.0.0.1:%d\n", port);
  std::fflush(stdout);

  int source = -1;
  size_t clients = 0;
  std::vector<char> message;
  while (true) {
    epoll_event events[kEventsMax];
    const int count = epoll_wait(poller, events, kEventsMax, -1);
    for (int i = 0; i < count; ++i) {
      if (events[i].data.fd != listener) {
        if (!Broadcast(source, message, senders)) return 0;
        continue;
      }
      const int fd = accept4(listener, nullptr, nullptr, SOCK_CLOEXEC | (source < 0 ? 0 : SOCK_NONBLOCK));
      const int on = 1;
      setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &on, sizeof(on));
      if (source < 0) {
        source = fd;
        Watch(poller, fd);
      } else {
        senders[clients++ % senders.size()]->Add(fd);
        SendAll(fd, kGreeting, sizeof(kGreeting) - 1);
      }
    }
  }
}
