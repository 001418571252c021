#include "tests/bench/stream_readers.h"

#include <arpa/inet.h>
#include <netinet/tcp.h>
#include <sys/epoll.h>
#include <sys/eventfd.h>
#include <sys/ioctl.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <utility>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/time/time.h"
#include "glog/logging.h"

namespace eventlog::bench {
namespace {

constexpr size_t kChunkBytes = 256 * 1024;
constexpr int kEventsMax = 256;
constexpr char kOffsetMarker[] = "{\"offset\":";
constexpr char kTimeMarker[] = "\"sent_ns\":";
constexpr char kHeadEnd[] = "\r\n\r\n";
// A server that has not delivered by then never will.
constexpr absl::Duration kPatience = absl::Seconds(180);

void SendAll(int fd, absl::string_view bytes) {
  PCHECK(send(fd, bytes.data(), bytes.size(), MSG_NOSIGNAL) == static_cast<ssize_t>(bytes.size()));
}

}  // namespace

int64_t MonotonicNs() {
  timespec now{};
  clock_gettime(CLOCK_MONOTONIC, &now);
  return int64_t{now.tv_sec} * 1'000'000'000 + now.tv_nsec;
}

StreamReaders::StreamReaders(StreamReadersOptions options)
    : options_(std::move(options)),
      offset_scanner_(kOffsetMarker, options_.event_bytes_min),
      time_scanner_(kTimeMarker, options_.event_bytes_min),
      poller_(epoll_create1(EPOLL_CLOEXEC)),
      stop_(eventfd(0, EFD_CLOEXEC)),
      clients_(options_.clients),
      inflated_(offset_scanner_),
      buffer_(MarkerScanner::kRoomBytes + kChunkBytes),
      next_(options_.clients) {
  PCHECK(poller_ >= 0 && stop_ >= 0);
  epoll_event event{};
  event.events = EPOLLIN;
  event.data.u64 = clients_.size();
  PCHECK(epoll_ctl(poller_, EPOLL_CTL_ADD, stop_, &event) == 0);
  for (int i = 0; i < options_.clients; ++i) {
    clients_[i].expected = options_.expected(i);
    next_[i] = clients_[i].expected.next;
  }
  std::thread([this] { Run(); }).swap(thread_);
  for (int i = 0; i < options_.clients; ++i) Connect(i);
}

StreamReaders::~StreamReaders() {
  const uint64_t one = 1;
  PCHECK(write(stop_, &one, sizeof(one)) == sizeof(one));
  thread_.join();
  for (const Client& client : clients_) close(client.fd);
  close(poller_);
  close(stop_);
}

void StreamReaders::Connect(int index) {
  sockaddr_in peer{};
  peer.sin_family = AF_INET;
  peer.sin_port = htons(static_cast<uint16_t>(options_.port));
  peer.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  const int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
  PCHECK(fd >= 0);
  if (const int bytes = options_.receive_buffer_bytes; bytes > 0) {
    PCHECK(setsockopt(fd, SOL_SOCKET, SO_RCVBUF, &bytes, sizeof(bytes)) == 0);
  }
  PCHECK(connect(fd, reinterpret_cast<sockaddr*>(&peer), sizeof(peer)) == 0) << "port " << options_.port;
  const int on = 1;
  setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &on, sizeof(on));
  clients_[index].fd = fd;
  const std::vector<Opening> opening = options_.opening(index);
  if (!opening[0].send.empty()) SendAll(fd, opening[0].send);
  epoll_event event{};
  event.events = EPOLLIN;
  event.data.u64 = static_cast<uint64_t>(index);
  PCHECK(epoll_ctl(poller_, EPOLL_CTL_ADD, fd, &event) == 0);
}

void StreamReaders::AwaitOpen() {
  absl::MutexLock lock(&mutex_);
  CHECK(mutex_.AwaitWithTimeout(absl::Condition(this, &StreamReaders::AllOpen), kPatience))
      << open_ << " of " << options_.clients << " connections were opened";
}

void StreamReaders::AwaitEach(int64_t head) {
  absl::MutexLock lock(&mutex_);
  awaited_ = head;
  done_ = static_cast<int>(std::count_if(next_.begin(), next_.end(), [head](int64_t next) { return next >= head; }));
  CHECK(mutex_.AwaitWithTimeout(absl::Condition(this, &StreamReaders::AllHave), kPatience))
      << done_ << " of " << options_.clients << " clients have everything below " << head << "; the last one awaits "
      << *std::min_element(next_.begin(), next_.end());
}

void StreamReaders::SetReading(bool reading) {
  for (size_t i = 0; i < clients_.size(); ++i) {
    epoll_event event{};
    if (reading) event.events = EPOLLIN;
    event.data.u64 = i;
    PCHECK(epoll_ctl(poller_, EPOLL_CTL_MOD, clients_[i].fd, &event) == 0);
  }
}

bool StreamReaders::AllStandUnread() const {
  return std::all_of(clients_.begin(), clients_.end(), [](const Client& client) {
    tcp_info info{};
    socklen_t size = sizeof(info);
    int unread = 0;
    PCHECK(getsockopt(client.fd, IPPROTO_TCP, TCP_INFO, &info, &size) == 0);
    PCHECK(ioctl(client.fd, FIONREAD, &unread) == 0);
    return info.tcpi_state == TCP_ESTABLISHED && unread > 0;
  });
}

std::vector<float> StreamReaders::TakeLatencies() {
  absl::MutexLock lock(&mutex_);
  return std::exchange(latencies_ms_, {});
}

void StreamReaders::Run() {
  while (true) {
    epoll_event events[kEventsMax];
    const int count = epoll_wait(poller_, events, kEventsMax, -1);
    for (int i = 0; i < count; ++i) {
      const size_t index = events[i].data.u64;
      if (index == clients_.size()) return;
      Receive(index);
    }
    Publish();
  }
}

void StreamReaders::Publish() {
  absl::MutexLock lock(&mutex_);
  open_ += std::exchange(newly_open_, 0);
  for (const Change& change : changes_) {
    if (next_[change.client] < awaited_ && change.next >= awaited_) ++done_;
    next_[change.client] = change.next;
  }
  changes_.clear();
  latencies_ms_.insert(latencies_ms_.end(), new_latencies_ms_.begin(), new_latencies_ms_.end());
  new_latencies_ms_.clear();
}

void StreamReaders::Receive(size_t index) {
  Client& client = clients_[index];
  char* const data = buffer_.data() + MarkerScanner::kRoomBytes;
  const ssize_t size = recv(client.fd, data, kChunkBytes, MSG_DONTWAIT);
  if (size < 0 && (errno == EAGAIN || errno == EINTR)) return;
  PCHECK(size >= 0) << "the connection of client " << index << " broke; it awaits " << client.expected.next;
  CHECK(size != 0) << "the server ended the connection of client " << index << ", which awaits " << client.expected.next
                   << "; it said last: " << client.said << client.control;
  bytes_received_ += size;
  if (options_.timed) now_ns_ = MonotonicNs();
  const int64_t before = client.expected.next;
  TakeBytes(index, data, static_cast<size_t>(size));
  if (client.expected.next != before) changes_.push_back({index, client.expected.next});
}

void StreamReaders::TakeBytes(size_t index, char* data, size_t size) {
  Client& client = clients_[index];
  if (options_.framing == Framing::kBytes) return TakePayload(index, data, size);
  if (options_.framing == Framing::kHttpAndWebSocket && !client.http_done) {
    const size_t before = client.said.size();
    absl::StrAppend(&client.said, absl::string_view(data, size));
    const size_t end = client.said.find(kHeadEnd);
    if (end == std::string::npos) return;
    CHECK(absl::StartsWith(client.said, "HTTP/1.1 101")) << client.said;
    client.http_done = true;
    client.said.clear();
    const size_t taken = end + sizeof(kHeadEnd) - 1 - before;
    data += taken;
    size -= taken;
  }
  client.frames.Read(data, size, [this, index](const FramePiece& piece) { TakePiece(index, piece); });
}

void StreamReaders::TakePiece(size_t index, const FramePiece& piece) {
  if (piece.control) {
    TakeControl(index, piece);
  } else if (piece.compressed) {
    TakeCompressed(index, piece);
  } else {
    TakePayload(index, piece.data, piece.size);
  }
}

void StreamReaders::TakeControl(size_t index, const FramePiece& piece) {
  constexpr uint8_t kPing = 9;
  Client& client = clients_[index];
  absl::StrAppend(&client.control, absl::string_view(piece.data, piece.size));
  if (!piece.ends) return;
  if (piece.opcode == kPing) {
    // A mask of zeros changes nothing.
    const char header[] = {'\x8A', static_cast<char>(0x80 | client.control.size()), 0, 0, 0, 0};
    SendAll(client.fd, absl::StrCat(absl::string_view(header, sizeof(header)), client.control));
    client.control.clear();
  }
}

void StreamReaders::TakePayload(size_t index, char* data, size_t size) {
  Client& client = clients_[index];
  if (client.opened < SIZE_MAX) Open(index, absl::string_view(data, size));
  offset_scanner_.Scan(client.offsets, data, size, [&client, index](int64_t offset) {
    CHECK_EQ(offset, client.expected.next) << "what client " << index << " got is not what comes next for it";
    client.expected.next += client.expected.stride;
  });
  if (!options_.timed) return;
  time_scanner_.Scan(client.times, data, size, [this](int64_t sent_ns) {
    new_latencies_ms_.push_back(static_cast<float>(now_ns_ - sent_ns) / 1e6F);
  });
}

void StreamReaders::TakeCompressed(size_t index, const FramePiece& piece) {
  Client& client = clients_[index];
  absl::string_view whole(piece.data, piece.size);
  if (!piece.ends || !client.message.empty()) {
    absl::StrAppend(&client.message, whole);
    if (!piece.ends) return;
    whole = client.message;
  }
  ++compressed_messages_;
  if (client.opened < SIZE_MAX) {
    std::vector<char> plain = InflatedRanges::Inflate(whole);
    TakePayload(index, plain.data() + MarkerScanner::kRoomBytes, plain.size() - MarkerScanner::kRoomBytes);
    client.message.clear();
    return;
  }
  const OffsetRange range = inflated_.Find(whole);
  if (range.next_offset != range.start_offset) {
    CHECK_EQ(range.start_offset, client.expected.next) << "what client " << index << " got is not what comes next";
    CHECK_EQ(client.expected.stride, 1) << "compressed messages are checked without a filter";
    client.expected.next = range.next_offset;
  }
  client.message.clear();
}

void StreamReaders::Open(size_t index, absl::string_view more) {
  Client& client = clients_[index];
  absl::StrAppend(&client.said, more);
  const std::vector<Opening> opening = options_.opening(static_cast<int>(index));
  while (absl::StrContains(client.said, opening[client.opened].await)) {
    client.said.clear();
    if (++client.opened == opening.size()) {
      client.opened = SIZE_MAX;
      ++newly_open_;
      return;
    }
    if (!opening[client.opened].send.empty()) SendAll(client.fd, opening[client.opened].send);
  }
}

}  // namespace eventlog::bench
