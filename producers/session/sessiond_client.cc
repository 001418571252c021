#include "producers/session/sessiond_client.h"

#include <poll.h>
#include <sys/socket.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <optional>
#include <utility>

#include "absl/strings/str_cat.h"
#include "absl/time/clock.h"
#include "producers/session/sessiond_socket.h"

namespace eventlog {
namespace {

using session::v1::DaemonError;
using session::v1::DaemonReply;

absl::Status StatusOf(const DaemonError& error) {
  switch (error.code()) {
    case session::v1::DAEMON_ERROR_CODE_NOT_FOUND:
      return absl::NotFoundError(error.message());
    case session::v1::DAEMON_ERROR_CODE_AMBIGUOUS:
      return absl::FailedPreconditionError(error.message());
    case session::v1::DAEMON_ERROR_CODE_NAME_TAKEN:
      return absl::AlreadyExistsError(error.message());
    case session::v1::DAEMON_ERROR_CODE_FULL:
      return absl::ResourceExhaustedError(error.message());
    case session::v1::DAEMON_ERROR_CODE_START_FAILED:
      return absl::AbortedError(error.message());
    case session::v1::DAEMON_ERROR_CODE_ENDING:
      return absl::UnavailableError(error.message());
    default:
      return absl::InvalidArgumentError(error.message());
  }
}

absl::Status Gone() { return absl::UnavailableError("sessiond has closed the connection"); }

// OK when the socket can be read or written, whichever is wanted.
absl::Status Await(int socket, short event, absl::Time deadline) {
  for (;;) {
    const int64_t left = std::max<int64_t>(0, absl::ToInt64Milliseconds(deadline - absl::Now()));
    pollfd ready[] = {{socket, event, 0}};
    const int count = poll(ready, 1, static_cast<int>(std::min<int64_t>(left, 1'000'000)));
    if (count > 0) return absl::OkStatus();
    if (count < 0 && errno != EINTR) return absl::ErrnoToStatus(errno, "poll");
    if (absl::Now() >= deadline) return absl::UnavailableError("sessiond does not answer");
  }
}

absl::Status SendAll(int socket, absl::string_view bytes, absl::Time deadline) {
  while (!bytes.empty()) {
    const ssize_t sent = send(socket, bytes.data(), bytes.size(), MSG_NOSIGNAL | MSG_DONTWAIT);
    if (sent >= 0) {
      bytes.remove_prefix(static_cast<size_t>(sent));
    } else if (errno == EAGAIN) {
      const absl::Status ready = Await(socket, POLLOUT, deadline);
      if (!ready.ok()) return ready;
    } else if (errno != EINTR) {
      return Gone();
    }
  }
  return absl::OkStatus();
}

}  // namespace

absl::StatusOr<std::unique_ptr<SessiondClient>> SessiondClient::Connect(const std::string& path) {
  const absl::StatusOr<int> socket = ConnectToSessiond(path);
  if (!socket.ok()) return socket.status();
  return std::unique_ptr<SessiondClient>(new SessiondClient(*socket));
}

SessiondClient::~SessiondClient() { close(socket_); }

absl::StatusOr<DaemonReply> SessiondClient::Ask(session::v1::DaemonRequest request, absl::Duration patience) {
  const absl::Time deadline = absl::Now() + patience;
  request.set_protocol_version(kSessionProtocolVersion);
  const absl::StatusOr<std::string> frame = EncodeFrame(request);
  if (!frame.ok()) return frame.status();
  // What it refuses without reading to the end has an answer all the same.
  const absl::Status sent = SendAll(socket_, *frame, deadline);
  for (;;) {
    absl::StatusOr<std::optional<std::string>> message = reader_.Next();
    if (!message.ok()) return message.status();
    if (message->has_value()) {
      DaemonReply reply;
      if (!reply.ParseFromString(**message)) return absl::InvalidArgumentError("no sessiond answers there");
      if (reply.has_error()) return StatusOf(reply.error());
      return reply;
    }
    const absl::Status ready = Await(socket_, POLLIN, deadline);
    if (!ready.ok()) return ready;
    char buffer[16 * 1024];
    const ssize_t size = recv(socket_, buffer, sizeof(buffer), MSG_DONTWAIT);
    if (size > 0) {
      reader_.Feed(absl::string_view(buffer, static_cast<size_t>(size)));
    } else if (size == 0 || (errno != EINTR && errno != EAGAIN)) {
      return sent.ok() ? Gone() : sent;
    }
  }
}

}  // namespace eventlog
