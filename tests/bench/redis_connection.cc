#include "tests/bench/redis_connection.h"

#include <sys/socket.h>
#include <unistd.h>

#include <algorithm>
#include <cstdint>

#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "glog/logging.h"
#include "tests/bench/loopback.h"

namespace eventlog::bench {
namespace {

constexpr size_t kBufferBytes = 256 * 1024;

}  // namespace

RedisConnection::RedisConnection(int port) : fd_(ConnectToLoopback(port)), buffer_(kBufferBytes) {}

RedisConnection::~RedisConnection() { close(fd_); }

std::string RedisConnection::Command(const std::vector<absl::string_view>& words) {
  std::string command = absl::StrCat("*", words.size(), "\r\n");
  for (const absl::string_view word : words) absl::StrAppend(&command, "$", word.size(), "\r\n", word, "\r\n");
  return command;
}

void RedisConnection::Send(absl::string_view commands) {
  while (!commands.empty()) {
    const ssize_t sent = send(fd_, commands.data(), commands.size(), MSG_NOSIGNAL);
    PCHECK(sent > 0);
    commands.remove_prefix(static_cast<size_t>(sent));
  }
}

void RedisConnection::Fill() {
  if (at_ < end_) return;
  const ssize_t count = recv(fd_, buffer_.data(), buffer_.size(), 0);
  PCHECK(count > 0) << "Redis is gone";
  at_ = 0;
  end_ = static_cast<size_t>(count);
}

std::string RedisConnection::ReadLine() {
  std::string line;
  while (line.size() < 2 || line[line.size() - 1] != '\n') {
    Fill();
    line.push_back(buffer_[at_++]);
  }
  CHECK_NE(line[0], '-') << line;
  return line;
}

void RedisConnection::Skip(size_t size) {
  while (size > 0) {
    Fill();
    const size_t part = std::min(size, end_ - at_);
    at_ += part;
    size -= part;
  }
}

size_t RedisConnection::ReadReply() {
  size_t bytes = 0;
  for (int64_t left = 1; left > 0; --left) {
    const std::string line = ReadLine();
    bytes += line.size();
    int64_t count = 0;
    if (line[0] != '$' && line[0] != '*') continue;
    CHECK(absl::SimpleAtoi(absl::string_view(line).substr(1, line.size() - 3), &count)) << line;
    if (line[0] == '*') {
      left += std::max<int64_t>(0, count);
    } else if (count >= 0) {
      Skip(static_cast<size_t>(count) + 2);
      bytes += static_cast<size_t>(count) + 2;
    }
  }
  return bytes;
}

void RedisConnection::SkipReply(size_t size) {
  Fill();
  CHECK_EQ(buffer_[at_], '*') << "not the reply that was expected";
  Skip(size);
}

}  // namespace eventlog::bench
