#include "producers/session/attach_loop.h"

#include <poll.h>
#include <sys/socket.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <optional>
#include <utility>

#include "absl/strings/str_cat.h"
#include "absl/time/clock.h"

namespace eventlog {
namespace {

using session::v1::ClientMessage;
using session::v1::DaemonMessage;
using session::v1::Ended;

constexpr size_t kReadBytes = 16 * 1024;
constexpr size_t kTypedBytesMax = 64 * 1024;
constexpr size_t kToTerminalBytesMax = 64 * 1024;
// A terminal that has room may not have it for more, and a write to one that blocks waits.
constexpr size_t kTerminalWriteBytes = 4096;

bool Again() { return errno == EAGAIN || errno == EINTR; }

}  // namespace

absl::StatusOr<Ended> AttachLoop::Run(const std::function<void()>& on_event) {
  while (!Done()) {
    // What came already, or the answer brought with it.
    if (to_terminal_.size() < kToTerminalBytesMax && !ended_.has_value()) ReadSocket();
    if (Done()) break;
    const bool read_socket = to_terminal_.size() < kToTerminalBytesMax && !ended_.has_value();
    const bool read_terminal = typed_.size() < kTypedBytesMax && !detaching_;
    const short socket_events = static_cast<short>((read_socket ? POLLIN : 0) | (to_socket_.empty() ? 0 : POLLOUT));
    pollfd ready[] = {{socket_events == 0 ? -1 : options_.socket, socket_events, 0},
                      {read_terminal ? options_.input : -1, POLLIN, 0},
                      {to_terminal_.empty() ? -1 : options_.output, POLLOUT, 0},
                      {options_.events, POLLIN, 0}};
    if (poll(ready, 4, WaitMs()) < 0 && errno != EINTR) return absl::ErrnoToStatus(errno, "poll");
    if (absl::Now() >= give_up_) {
      if (!ended_.has_value()) return absl::UnavailableError("sessiond does not answer");
      to_terminal_.clear();
      break;
    }
    if (ready[3].revents != 0) on_event();
    if (ready[1].revents != 0) ReadTerminal();
    if ((ready[0].revents & POLLOUT) != 0) WriteSocket();
    if (ready[2].revents != 0) WriteTerminal();
  }
  if (!failure_.ok()) return failure_;
  return *ended_;
}

int AttachLoop::WaitMs() const {
  if (give_up_ == absl::InfiniteFuture()) return -1;
  const int64_t left = absl::ToInt64Milliseconds(give_up_ - absl::Now()) + 1;
  return static_cast<int>(std::clamp<int64_t>(left, 0, 60'000));
}

void AttachLoop::ReadTerminal() {
  char buffer[kReadBytes];
  const ssize_t size = read(options_.input, buffer, sizeof(buffer));
  if (size < 0 && Again()) return;
  if (size <= 0) {
    failure_ = absl::CancelledError("the terminal is gone");
    return;
  }
  DetachKey::Typed typed = key_.Feed(absl::string_view(buffer, static_cast<size_t>(size)));
  typed_ += typed.input;
  SendInput();
  if (typed.detach) Detach();
}

void AttachLoop::SendInput() {
  const int64_t room = options_.input_bytes_max - input_bytes_;
  const size_t bytes = std::min<size_t>(typed_.size(), static_cast<size_t>(std::max<int64_t>(0, room)));
  if (bytes == 0 || detaching_) return;
  ClientMessage message;
  message.set_input(typed_.substr(0, bytes));
  typed_.erase(0, bytes);
  input_bytes_ += static_cast<int64_t>(bytes);
  Queue(message);
}

void AttachLoop::SayWindowSize(const session::v1::WindowSize& size) {
  if (detaching_) return;
  ClientMessage message;
  *message.mutable_window_size() = size;
  Queue(message);
}

void AttachLoop::Detach() {
  if (detaching_) return;
  ClientMessage message;
  message.mutable_detach();
  Queue(message);
  detaching_ = true;
  // Who has detached has seen enough; and what waits for the terminal would keep the answer from being read.
  to_terminal_.clear();
  give_up_ = absl::Now() + options_.detach_patience;
}

void AttachLoop::Queue(const google::protobuf::MessageLite& message) {
  const absl::StatusOr<std::string> frame = EncodeFrame(message);
  if (!frame.ok()) {
    failure_ = frame.status();
    return;
  }
  to_socket_ += *frame;
  WriteSocket();
}

void AttachLoop::WriteSocket() {
  while (!to_socket_.empty()) {
    const ssize_t sent = send(options_.socket, to_socket_.data(), to_socket_.size(), MSG_NOSIGNAL | MSG_DONTWAIT);
    // That the other end is gone is seen where it is read, behind what it said last.
    if (sent < 0 && !Again()) to_socket_.clear();
    if (sent < 0) return;
    to_socket_.erase(0, static_cast<size_t>(sent));
  }
}

void AttachLoop::ReadSocket() {
  for (;;) {
    absl::StatusOr<std::optional<std::string>> bytes = reader_.Next();
    if (!bytes.ok()) {
      failure_ = bytes.status();
      return;
    }
    if (bytes->has_value()) {
      DaemonMessage message;
      if (!message.ParseFromString(**bytes)) {
        failure_ = absl::InvalidArgumentError("not sessiond's protocol: no DaemonMessage");
        return;
      }
      Take(message);
      if (Done() || ended_.has_value() || to_terminal_.size() >= kToTerminalBytesMax) return;
      continue;
    }
    char buffer[kReadBytes];
    const ssize_t size = recv(options_.socket, buffer, sizeof(buffer), MSG_DONTWAIT);
    if (size < 0 && Again()) return;
    if (size <= 0) {
      failure_ = absl::UnavailableError("sessiond is gone");
      return;
    }
    reader_.Feed(absl::string_view(buffer, static_cast<size_t>(size)));
  }
}

void AttachLoop::Take(const DaemonMessage& message) {
  switch (message.message_case()) {
    case DaemonMessage::kOutput:
      // Who has detached has seen enough.
      if (detaching_) return;
      to_terminal_ += message.output();
      WriteTerminal();
      return;
    case DaemonMessage::kInputTakenBytes:
      input_bytes_ -= message.input_taken_bytes();
      SendInput();
      return;
    case DaemonMessage::kEnded:
      ended_ = message.ended();
      // A terminal that takes nothing must not keep us.
      give_up_ = absl::Now() + options_.detach_patience;
      return;
    case DaemonMessage::kError:
      failure_ = absl::InvalidArgumentError(message.error().message());
      return;
    case DaemonMessage::MESSAGE_NOT_SET:
      return;
  }
}

void AttachLoop::WriteTerminal() {
  while (!to_terminal_.empty()) {
    pollfd ready[] = {{options_.output, POLLOUT, 0}};
    if (poll(ready, 1, 0) <= 0) return;
    const size_t bytes = std::min(to_terminal_.size(), kTerminalWriteBytes);
    const ssize_t written = write(options_.output, to_terminal_.data(), bytes);
    if (written < 0 && Again()) return;
    if (written <= 0) {
      failure_ = absl::CancelledError("the terminal is gone");
      return;
    }
    modes_.Feed(absl::string_view(to_terminal_).substr(0, static_cast<size_t>(written)));
    to_terminal_.erase(0, static_cast<size_t>(written));
    if (ended_.has_value()) give_up_ = absl::Now() + options_.detach_patience;
  }
}

void AttachLoop::UndoModes() {
  to_terminal_ = modes_.Undo();
  WriteTerminal();
}

}  // namespace eventlog
