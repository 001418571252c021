#include "tests/bench/frame_readers.h"

#include <arpa/inet.h>
#include <sys/epoll.h>
#include <sys/eventfd.h>
#include <sys/socket.h>
#include <unistd.h>

#include <algorithm>
#include <cstring>

#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"
#include "glog/logging.h"

namespace eventlog::bench {
namespace {

constexpr size_t kChunkBytes = 256 * 1024;
constexpr int kEventsMax = 256;

}  // namespace

FrameReaders::FrameReaders(const std::string& address, int clients, const std::string& target, absl::string_view marker)
    : marker_(marker), clients_(clients), seen_(clients, 0) {
  poller_ = epoll_create1(EPOLL_CLOEXEC);
  stop_ = eventfd(0, EFD_CLOEXEC);
  PCHECK(poller_ >= 0 && stop_ >= 0);
  Connect(address, target);
  epoll_event event{};
  event.events = EPOLLIN;
  event.data.u64 = clients_.size();
  PCHECK(epoll_ctl(poller_, EPOLL_CTL_ADD, stop_, &event) == 0);
  std::thread([this] { Read(); }).swap(thread_);
}

FrameReaders::~FrameReaders() {
  const uint64_t one = 1;
  PCHECK(write(stop_, &one, sizeof(one)) == sizeof(one));
  thread_.join();
  for (const Client& client : clients_) close(client.fd);
  close(poller_);
  close(stop_);
}

void FrameReaders::Connect(const std::string& address, const std::string& target) {
  const std::vector<std::string> host_and_port = absl::StrSplit(address, ':');
  int port = 0;
  CHECK(absl::SimpleAtoi(host_and_port.at(1), &port)) << address;
  sockaddr_in peer{};
  peer.sin_family = AF_INET;
  peer.sin_port = htons(static_cast<uint16_t>(port));
  PCHECK(inet_pton(AF_INET, host_and_port[0].c_str(), &peer.sin_addr) == 1) << address;
  const std::string request =
      absl::StrCat("GET ", target, " HTTP/1.1\r\nHost: ", address,
                   "\r\nUpgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Version: 13\r\n"
                   "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n\r\n");
  for (size_t i = 0; i < clients_.size(); ++i) {
    const int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    PCHECK(fd >= 0 && connect(fd, reinterpret_cast<sockaddr*>(&peer), sizeof(peer)) == 0) << address;
    clients_[i].fd = fd;
    if (!target.empty()) {
      PCHECK(send(fd, request.data(), request.size(), 0) == static_cast<ssize_t>(request.size()));
      std::string answer;
      char byte;
      while (!absl::EndsWith(answer, "\r\n\r\n") && read(fd, &byte, 1) == 1) answer.push_back(byte);
      CHECK(absl::StartsWith(answer, "HTTP/1.1 101")) << answer;
    }
    epoll_event event{};
    event.events = EPOLLIN;
    event.data.u64 = i;
    PCHECK(epoll_ctl(poller_, EPOLL_CTL_ADD, fd, &event) == 0);
  }
}

void FrameReaders::AwaitEach(int64_t events) {
  absl::MutexLock lock(&mutex_);
  awaited_ = events;
  done_ = static_cast<int>(std::count_if(seen_.begin(), seen_.end(), [&](int64_t seen) { return seen >= events; }));
  mutex_.Await(absl::Condition(this, &FrameReaders::AllHaveAwaited));
}

void FrameReaders::Count(Client& client, absl::string_view chunk) {
  const auto count = [this](absl::string_view text) {
    int64_t found = 0;
    const char* at = text.data();
    const char* const end = at + text.size();
    while ((at = static_cast<const char*>(memmem(at, end - at, marker_.data(), marker_.size()))) != nullptr) {
      ++found;
      at += marker_.size();
    }
    return found;
  };
  const size_t overlap = std::min(chunk.size(), marker_.size() - 1);
  absl::StrAppend(&client.tail, chunk.substr(0, overlap));
  client.events += count(client.tail) + count(chunk);
  const absl::string_view seen = chunk.size() >= marker_.size() - 1 ? chunk : absl::string_view(client.tail);
  client.tail = std::string(seen.substr(seen.size() - std::min(seen.size(), marker_.size() - 1)));
}

void FrameReaders::Read() {
  std::vector<char> chunk(kChunkBytes);
  while (true) {
    epoll_event events[kEventsMax];
    const int count = epoll_wait(poller_, events, kEventsMax, -1);
    for (int i = 0; i < count; ++i) {
      const size_t index = events[i].data.u64;
      if (index == clients_.size()) return;
      Client& client = clients_[index];
      const ssize_t size = recv(client.fd, chunk.data(), chunk.size(), MSG_DONTWAIT);
      CHECK(size != 0) << "the server closed connection " << index;
      if (size < 0) continue;
      Count(client, absl::string_view(chunk.data(), static_cast<size_t>(size)));
      absl::MutexLock lock(&mutex_);
      if (seen_[index] < awaited_ && client.events >= awaited_) ++done_;
      seen_[index] = client.events;
    }
  }
}

}  // namespace eventlog::bench
