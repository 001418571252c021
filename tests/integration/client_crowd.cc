#include "tests/integration/client_crowd.h"

#include <arpa/inet.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <set>

#include "absl/strings/match.h"
#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "absl/strings/str_split.h"
#include "glog/logging.h"

namespace eventlog::crowd {
namespace {

constexpr size_t kChunkBytes = 256 * 1024;
constexpr int kEventsMax = 256;
constexpr uint64_t kStandardInput = UINT64_MAX;
// 127.0.1.1 to 127.0.1.250.
constexpr uint32_t kFirstSource = 0x7F000101, kSources = 250;

sockaddr_in Peer(const std::string& address) {
  const std::vector<std::string> host_and_port = absl::StrSplit(address, ':');
  int port = 0;
  CHECK(absl::SimpleAtoi(host_and_port.at(1), &port)) << address;
  sockaddr_in peer{};
  peer.sin_family = AF_INET;
  peer.sin_port = htons(static_cast<uint16_t>(port));
  CHECK_EQ(inet_pton(AF_INET, host_and_port[0].c_str(), &peer.sin_addr), 1) << address;
  return peer;
}

std::string Counted(const std::map<int, int>& counts) {
  return absl::StrCat("{",
                      absl::StrJoin(counts, ",",
                                    [](std::string* out, const std::pair<const int, int>& entry) {
                                      absl::StrAppend(out, "\"", entry.first, "\":", entry.second);
                                    }),
                      "}");
}

// Enough for the texts that are quoted here.
std::string Quoted(std::string text) {
  std::replace(text.begin(), text.end(), '"', '\'');
  std::replace(text.begin(), text.end(), '\\', '/');
  return absl::StrCat("\"", text, "\"");
}

}  // namespace

ClientCrowd::ClientCrowd() : poller_(epoll_create1(EPOLL_CLOEXEC)), chunk_(kChunkBytes) {
  PCHECK(poller_ >= 0);
  epoll_event event{};
  event.events = EPOLLIN;
  event.data.u64 = kStandardInput;
  PCHECK(epoll_ctl(poller_, EPOLL_CTL_ADD, STDIN_FILENO, &event) == 0);
}

ClientCrowd::~ClientCrowd() {
  for (const Member& member : members_) {
    if (member.fd >= 0) close(member.fd);
  }
  close(poller_);
}

bool ClientCrowd::Poll() {
  epoll_event events[kEventsMax];
  const int count = epoll_wait(poller_, events, kEventsMax, -1);
  bool input = false;
  for (int i = 0; i < count; ++i) {
    if (events[i].data.u64 == kStandardInput) {
      input = true;
      continue;
    }
    const size_t index = events[i].data.u64;
    Member& member = members_[index];
    if (member.fd < 0) continue;
    if (!member.connected) {
      OnConnected(member, index);
    } else {
      OnReadable(member);
    }
  }
  return input;
}

void ClientCrowd::Connect(const std::string& group, int clients, const std::string& address, const std::string& query,
                          int receive_buffer_bytes) {
  for (int i = 0; i < clients; ++i) {
    Member member;
    member.query = query;
    member.receive_buffer_bytes = receive_buffer_bytes;
    groups_[group].push_back(members_.size());
    members_.push_back(std::move(member));
    Dial(members_.size() - 1, address);
  }
}

void ClientCrowd::Reconnect(const std::string& group, const std::string& address) {
  for (size_t index : Open(group, false)) Dial(index, address);
}

void ClientCrowd::SetReading(const std::string& group, bool reading) {
  for (size_t index : Open(group, true)) {
    if (members_[index].reading == reading) continue;
    members_[index].reading = reading;
    // Not watched at all: an end of the connection would be reported again and again.
    if (reading) {
      Watch(index, false);
    } else {
      PCHECK(epoll_ctl(poller_, EPOLL_CTL_DEL, members_[index].fd, nullptr) == 0);
    }
  }
}

void ClientCrowd::Close(const std::string& group) {
  for (size_t index : Open(group, true)) Hangup(members_[index], 0);
}

std::string ClientCrowd::Report(const std::string& group) const {
  const auto found = groups_.find(group);
  CHECK(found != groups_.end()) << group;
  int open = 0, greeted = 0, live = 0, violations = 0;
  int64_t least = INT64_MAX, most = 0, behind = INT64_MAX;
  std::string violation;
  std::map<int, int> closes, statuses, errors;
  std::set<int64_t> delays;
  int drained = 0;
  for (size_t index : found->second) {
    const Member& member = members_[index];
    const CrowdClient& client = member.client;
    open += member.fd >= 0;
    greeted += client.greeted();
    live += client.live();
    least = std::min(least, client.events());
    most = std::max(most, client.events());
    behind = std::min(behind, client.offset());
    if (client.close_code() != 0) ++closes[client.close_code()];
    if (member.error != 0) ++errors[member.error];
    ++statuses[client.status()];
    if (client.reconnect_after_ms() != -1) {
      ++drained;
      delays.insert(client.reconnect_after_ms());
    }
    if (!client.violation().empty()) {
      ++violations;
      violation = client.violation();
    }
  }
  return absl::StrCat("{\"clients\":", found->second.size(), ",\"open\":", open, ",\"greeted\":", greeted,
                      ",\"live\":", live, ",\"events_min\":", least, ",\"events_max\":", most,
                      ",\"offset_min\":", behind, ",\"closes\":", Counted(closes), ",\"statuses\":", Counted(statuses),
                      ",\"errors\":", Counted(errors), ",\"drained\":", drained, ",\"delays\":", delays.size(),
                      ",\"delay_min_ms\":", delays.empty() ? -1 : *delays.begin(),
                      ",\"delay_max_ms\":", delays.empty() ? -1 : *delays.rbegin(), ",\"violations\":", violations,
                      ",\"violation\":", Quoted(violation), "}");
}

void ClientCrowd::Dial(size_t index, const std::string& address) {
  Member& member = members_[index];
  const sockaddr_in peer = Peer(address);
  member.fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
  PCHECK(member.fd >= 0);
  member.error = 0;
  member.connected = false;
  member.reading = true;
  if (member.receive_buffer_bytes > 0) {
    PCHECK(setsockopt(member.fd, SOL_SOCKET, SO_RCVBUF, &member.receive_buffer_bytes,
                      sizeof(member.receive_buffer_bytes)) == 0);
  }
  if (ntohl(peer.sin_addr.s_addr) >> 24 == 127) {
    const int on = 1;
    sockaddr_in source{};
    source.sin_family = AF_INET;
    source.sin_addr.s_addr = htonl(kFirstSource + static_cast<uint32_t>(index % kSources));
    PCHECK(setsockopt(member.fd, IPPROTO_IP, IP_BIND_ADDRESS_NO_PORT, &on, sizeof(on)) == 0);
    PCHECK(bind(member.fd, reinterpret_cast<const sockaddr*>(&source), sizeof(source)) == 0);
  }
  member.unsent = member.client.Begin(address, member.query);
  if (connect(member.fd, reinterpret_cast<const sockaddr*>(&peer), sizeof(peer)) != 0 && errno != EINPROGRESS) {
    return Hangup(member, errno);
  }
  epoll_event event{};
  event.events = EPOLLOUT;
  event.data.u64 = index;
  PCHECK(epoll_ctl(poller_, EPOLL_CTL_ADD, member.fd, &event) == 0);
}

void ClientCrowd::Watch(size_t index, bool change) {
  epoll_event event{};
  event.events = EPOLLIN;
  event.data.u64 = index;
  PCHECK(epoll_ctl(poller_, change ? EPOLL_CTL_MOD : EPOLL_CTL_ADD, members_[index].fd, &event) == 0);
}

void ClientCrowd::OnConnected(Member& member, size_t index) {
  int error = 0;
  socklen_t size = sizeof(error);
  PCHECK(getsockopt(member.fd, SOL_SOCKET, SO_ERROR, &error, &size) == 0);
  if (error != 0) return Hangup(member, error);
  const ssize_t sent = send(member.fd, member.unsent.data(), member.unsent.size(), MSG_NOSIGNAL);
  if (sent < 0) return Hangup(member, errno);
  CHECK_EQ(static_cast<size_t>(sent), member.unsent.size());
  member.unsent = std::string();
  member.connected = true;
  Watch(index, true);
}

void ClientCrowd::OnReadable(Member& member) {
  const ssize_t size = recv(member.fd, chunk_.data(), chunk_.size(), 0);
  if (size < 0 && errno == EAGAIN) return;
  if (size <= 0) return Hangup(member, size < 0 ? errno : 0);
  std::string answer;
  member.client.Receive(absl::string_view(chunk_.data(), static_cast<size_t>(size)), answer);
  // What a full socket does not take is lost: the gateway reads what little a client sends.
  if (!answer.empty()) send(member.fd, answer.data(), answer.size(), MSG_NOSIGNAL);
}

void ClientCrowd::Hangup(Member& member, int error) {
  close(member.fd);
  member.fd = -1;
  member.error = error;
  member.client.Ended();
}

std::vector<size_t> ClientCrowd::Open(const std::string& group, bool open) const {
  const auto found = groups_.find(group);
  CHECK(found != groups_.end()) << group;
  std::vector<size_t> chosen;
  for (size_t index : found->second) {
    if ((members_[index].fd >= 0) == open) chosen.push_back(index);
  }
  return chosen;
}

}  // namespace eventlog::crowd
