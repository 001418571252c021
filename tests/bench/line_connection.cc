#include "tests/bench/line_connection.h"

#include <sys/socket.h>
#include <unistd.h>

#include <algorithm>

#include "absl/strings/strip.h"
#include "glog/logging.h"
#include "tests/bench/loopback.h"

namespace eventlog::bench {
namespace {

constexpr size_t kBufferBytes = 256 * 1024;

absl::string_view WithoutEnd(absl::string_view line) {
  CHECK(absl::ConsumeSuffix(&line, "\r\n")) << line;
  return line;
}

}  // namespace

LineConnection::LineConnection(int port) : fd_(ConnectToLoopback(port)), buffer_(kBufferBytes) {}

LineConnection::~LineConnection() { close(fd_); }

void LineConnection::Send(absl::string_view bytes) {
  while (!bytes.empty()) {
    const ssize_t sent = send(fd_, bytes.data(), bytes.size(), MSG_NOSIGNAL);
    PCHECK(sent > 0);
    bytes.remove_prefix(static_cast<size_t>(sent));
  }
}

void LineConnection::Fill() {
  if (at_ < end_) return;
  const ssize_t count = recv(fd_, buffer_.data(), buffer_.size(), 0);
  PCHECK(count > 0) << "the server is gone";
  at_ = 0;
  end_ = static_cast<size_t>(count);
}

char LineConnection::Peek() {
  Fill();
  return buffer_[at_];
}

absl::string_view LineConnection::ReadLine() {
  line_.clear();
  while (true) {
    Fill();
    const absl::string_view come(buffer_.data() + at_, end_ - at_);
    const size_t feed = come.find('\n');
    const absl::string_view part = feed == absl::string_view::npos ? come : come.substr(0, feed + 1);
    at_ += part.size();
    const bool is_whole = feed != absl::string_view::npos;
    if (is_whole && line_.empty()) return WithoutEnd(part);
    line_.append(part.data(), part.size());
    if (is_whole) return WithoutEnd(line_);
  }
}

std::string LineConnection::Read(size_t size) {
  std::string bytes;
  while (bytes.size() < size) {
    Fill();
    const size_t part = std::min(size - bytes.size(), end_ - at_);
    bytes.append(buffer_.data() + at_, part);
    at_ += part;
  }
  return bytes;
}

void LineConnection::Skip(size_t size) {
  while (size > 0) {
    Fill();
    const size_t part = std::min(size, end_ - at_);
    at_ += part;
    size -= part;
  }
}

}  // namespace eventlog::bench
