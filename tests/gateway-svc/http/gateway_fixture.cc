#include "tests/gateway-svc/http/gateway_fixture.h"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <sys/socket.h>
#include <sys/time.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <utility>

#include "absl/strings/match.h"
#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "glog/logging.h"

namespace gateway {
namespace {

constexpr int kPatienceSeconds = 60;
constexpr int64_t kPageEvents = 100;

EventBlockPtr MakeBlock(int64_t from, int64_t to, absl::string_view type, size_t padding) {
  auto block = std::make_shared<EventBlock>();
  block->start_offset = from;
  block->next_offset = to;
  for (int64_t offset = from; offset < to; ++offset) {
    block->events.push_back(MakeEvent(offset, type, padding));
    block->bytes += block->events.back().json.size() + 100;
  }
  return block;
}

}  // namespace

EncodedEvent MakeEvent(int64_t offset, absl::string_view type, size_t padding) {
  EncodedEvent event;
  event.offset = offset;
  event.type = std::string(type);
  event.source = "/";
  event.append_time = absl::FromUnixSeconds(offset);
  event.json =
      absl::StrCat(R"({"offset":)", offset, R"(,"type":")", type, R"(","data":")", std::string(padding, 'x'), "\"}");
  return event;
}

void FakePages::set_head(int64_t head) {
  absl::MutexLock lock(&mutex_);
  head_ = head;
}

void FakePages::Fail(absl::Status status) {
  absl::MutexLock lock(&mutex_);
  failure_ = std::move(status);
}

void FakePages::set_epoch(const std::string& epoch) {
  absl::MutexLock lock(&mutex_);
  epoch_ = epoch;
}

void FakePages::set_padding(size_t bytes) {
  absl::MutexLock lock(&mutex_);
  padding_ = bytes;
}

bool FakePages::AwaitFailure() {
  absl::MutexLock lock(&mutex_);
  const auto failed = [this]() ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_) { return failures_ > 0; };
  return mutex_.AwaitWithTimeout(absl::Condition(&failed), absl::Seconds(kPatienceSeconds));
}

void FakePages::ReadPage(int64_t offset, int64_t until_offset, std::function<void(absl::StatusOr<LogPage>)> done) {
  absl::StatusOr<LogPage> page = LogPage();
  {
    absl::MutexLock lock(&mutex_);
    page->epoch = epoch_;
    page->next_offset = std::min({head_, until_offset, offset + kPageEvents});
    page->blocks.push_back(MakeBlock(offset, page->next_offset, "old.event", padding_));
    if (!failure_.ok()) {
      page = failure_;
      ++failures_;
    }
  }
  done(std::move(page));
}

void FakePages::FindTime(absl::Time time, std::function<void(absl::StatusOr<LogPosition>)> done) {
  absl::StatusOr<LogPosition> found;
  {
    absl::MutexLock lock(&mutex_);
    found = LogPosition{epoch_, std::clamp<int64_t>(absl::ToUnixSeconds(time), 0, head_)};
    if (!failure_.ok()) found = failure_;
  }
  done(std::move(found));
}

void FakePages::FindTail(int64_t count, std::function<void(absl::StatusOr<LogPosition>)> done) {
  absl::StatusOr<LogPosition> found;
  {
    absl::MutexLock lock(&mutex_);
    found = LogPosition{epoch_, std::max<int64_t>(0, head_ - count)};
    if (!failure_.ok()) found = failure_;
  }
  done(std::move(found));
}

Gateway::Gateway(Options options)
    : ring(options.ring_bytes_max),
      hub(ring),
      budget(options.connections_max, options.connections_per_address_max),
      cold_(pages, options.cold_cache_bytes_max) {
  ShardSources sources;
  sources.ring = &ring;
  sources.cold = &cold_;
  sources.pages = &pages;
  sources.budget = &budget;
  sources.disconnects = &disconnect_log;
  std::vector<Shard*> shards;
  for (int i = 0; i < options.shards; ++i) {
    shards_.push_back(std::make_unique<Shard>(sources, options.client));
    shards.push_back(shards_.back().get());
  }
  listener_ = std::make_unique<Listener>(shards, budget);
  const absl::Status opened = listener_->Open("127.0.0.1", 0);
  CHECK(opened.ok()) << opened;
  for (Shard* shard : shards) shard->Start();
  listener_->Start();
}

Gateway::~Gateway() {
  listener_->Stop();
  for (const std::unique_ptr<Shard>& shard : shards_) shard->Stop();
}

void Gateway::Connect(int64_t next_offset, int64_t log_start) {
  pages.set_head(next_offset);
  hub.Connected(kEpoch, log_start, /*log_head=*/next_offset, next_offset);
}

void Gateway::Publish(int count, absl::string_view type, size_t padding) {
  const int64_t head = ring.state().head;
  pages.set_head(head + count);
  hub.Broadcast(MakeBlock(head, head + count, type, padding));
}

void Gateway::Broadcast(EventBlockPtr block) { hub.Broadcast(std::move(block)); }

int64_t Gateway::disconnects(absl::string_view reason) const {
  int64_t sum = 0;
  for (size_t i = 0; i < kDisconnectReasons.size(); ++i) {
    if (reason != kDisconnectReasons[i]) continue;
    for (const std::unique_ptr<Shard>& shard : shards_) sum += shard->traffic().disconnects[i].load();
  }
  return sum;
}

int64_t Gateway::Sum(std::atomic<int64_t> TrafficCounters::*counter) const {
  int64_t sum = 0;
  for (const std::unique_ptr<Shard>& shard : shards_) sum += (shard->traffic().*counter).load();
  return sum;
}

Client::Client(uint16_t port, int receive_buffer_bytes) : fd_(socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0)) {
  const timeval patience{kPatienceSeconds, 0};
  setsockopt(fd_, SOL_SOCKET, SO_RCVTIMEO, &patience, sizeof(patience));
  setsockopt(fd_, SOL_SOCKET, SO_SNDTIMEO, &patience, sizeof(patience));
  if (receive_buffer_bytes > 0) {
    setsockopt(fd_, SOL_SOCKET, SO_RCVBUF, &receive_buffer_bytes, sizeof(receive_buffer_bytes));
  }
  sockaddr_in peer{};
  peer.sin_family = AF_INET;
  peer.sin_port = htons(port);
  peer.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  PCHECK(connect(fd_, reinterpret_cast<sockaddr*>(&peer), sizeof(peer)) == 0);
}

Client::~Client() { close(fd_); }

void Client::Send(absl::string_view bytes) {
  while (!bytes.empty()) {
    const ssize_t size = send(fd_, bytes.data(), bytes.size(), MSG_NOSIGNAL);
    if (size <= 0) return;  // the test sees the end of the stream when it reads
    bytes.remove_prefix(static_cast<size_t>(size));
  }
}

bool Client::Fill(size_t size) {
  while (input_.size() < size) {
    char buffer[64 * 1024];
    const ssize_t got = recv(fd_, buffer, sizeof(buffer), 0);
    if (got < 0) LOG(ERROR) << "the gateway says nothing: " << strerror(errno);
    if (got <= 0) return false;
    input_.append(buffer, static_cast<size_t>(got));
  }
  return true;
}

std::string Client::ReadAll() {
  while (Fill(input_.size() + 1)) {
  }
  return std::exchange(input_, "");
}

std::string Client::ReadText(absl::string_view marker) {
  size_t at;
  while ((at = input_.find(marker.data(), 0, marker.size())) == std::string::npos) {
    if (!Fill(input_.size() + 1)) return std::exchange(input_, "");
  }
  std::string text = input_.substr(0, at + marker.size());
  input_.erase(0, text.size());
  return text;
}

std::string Client::Request(absl::string_view request) {
  Send(request);
  size_t end;
  while ((end = input_.find("\r\n\r\n")) == std::string::npos) {
    if (!Fill(input_.size() + 1)) return std::exchange(input_, "");
  }
  std::string head = input_.substr(0, end + 4);
  input_.erase(0, end + 4);
  return head;
}

std::string Client::Open(absl::string_view query, absl::string_view more_headers) {
  return Request(absl::StrCat("GET /api/events/firehose", query.empty() ? "" : "?", query,
                              " HTTP/1.1\r\nHost: gateway\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n",
                              "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\nSec-WebSocket-Version: 13\r\n",
                              more_headers, "\r\n"));
}

Client::Frame Client::Read() {
  Frame frame;
  if (!Fill(2)) return frame;
  size_t length = static_cast<uint8_t>(input_[1]), head = 2;
  const size_t length_bytes = length == 127 ? 8 : length == 126 ? 2 : 0;
  if (length_bytes > 0) {
    if (!Fill(head + length_bytes)) return frame;
    length = 0;
    for (size_t i = 0; i < length_bytes; ++i) length = length << 8 | static_cast<uint8_t>(input_[head++]);
  }
  if (!Fill(head + length)) return frame;
  frame.first = static_cast<uint8_t>(input_[0]);
  frame.payload = input_.substr(head, length);
  input_.erase(0, head + length);
  return frame;
}

Client::Frame Client::ReadUntil(absl::string_view marker) {
  Frame frame = Read();
  while (!frame.end() && frame.first != 0x88 && !(frame.text() && absl::StrContains(frame.payload, marker))) {
    frame = Read();
  }
  return frame;
}

bool Client::ReadEvents(int64_t first, int64_t last) {
  static constexpr absl::string_view kMark = "\"offset\":";
  while (first <= last) {
    const Frame frame = ReadUntil(R"("type":"events")");
    if (frame.end() || !frame.text()) return false;
    for (size_t at = 0; (at = frame.payload.find(kMark.data(), at)) != std::string::npos;) {
      at += kMark.size();
      const absl::string_view rest = absl::string_view(frame.payload).substr(at);
      int64_t offset = -1;
      if (!absl::SimpleAtoi(rest.substr(0, rest.find_first_not_of("0123456789")), &offset) || offset != first) {
        LOG(ERROR) << "event " << offset << " came instead of " << first;
        return false;
      }
      ++first;
    }
  }
  return true;
}

int Client::Frame::close_code() const {
  if (first != 0x88 || payload.size() < 2) return 0;
  return static_cast<uint8_t>(payload[0]) << 8 | static_cast<uint8_t>(payload[1]);
}

std::string Client::Frame::close_reason() const { return payload.size() < 2 ? "" : payload.substr(2); }

}  // namespace gateway
