#include "producers/session/sessiond_server.h"

#include <signal.h>

#include <chrono>
#include <string>
#include <utility>

#include "absl/status/statusor.h"
#include "absl/strings/str_cat.h"
#include "boost/asio/error.hpp"
#include "boost/system/error_code.hpp"
#include "glog/logging.h"

namespace eventlog {
namespace {

using boost::asio::local::stream_protocol;
using session::v1::DaemonErrorCode;
using session::v1::DaemonReply;
using session::v1::DaemonRequest;

// After an accept that failed: no descriptors are left, and some may be soon.
constexpr std::chrono::milliseconds kAcceptAgain(100);

DaemonErrorCode CodeOf(const absl::Status& status) {
  switch (status.code()) {
    case absl::StatusCode::kNotFound:
      return DaemonErrorCode::DAEMON_ERROR_CODE_NOT_FOUND;
    case absl::StatusCode::kAlreadyExists:
      return DaemonErrorCode::DAEMON_ERROR_CODE_NAME_TAKEN;
    case absl::StatusCode::kResourceExhausted:
      return DaemonErrorCode::DAEMON_ERROR_CODE_FULL;
    case absl::StatusCode::kAborted:
      return DaemonErrorCode::DAEMON_ERROR_CODE_START_FAILED;
    case absl::StatusCode::kUnavailable:
      return DaemonErrorCode::DAEMON_ERROR_CODE_ENDING;
    case absl::StatusCode::kFailedPrecondition:
      return DaemonErrorCode::DAEMON_ERROR_CODE_AMBIGUOUS;
    default:
      return DaemonErrorCode::DAEMON_ERROR_CODE_INVALID;
  }
}

}  // namespace

SessiondServer::SessiondServer(boost::asio::io_context& context, SessiondServerOptions options,
                               std::unique_ptr<SessiondSocket> socket, SessiondSessions& sessions)
    : context_(context),
      options_(options),
      socket_(std::move(socket)),
      sessions_(sessions),
      acceptor_(context, stream_protocol(), socket_->Release()),
      accept_again_(context) {}

void SessiondServer::Accept() {
  acceptor_.async_accept(context_, [this](const boost::system::error_code& error, stream_protocol::socket socket) {
    if (error == boost::asio::error::operation_aborted || !acceptor_.is_open()) return;
    if (!error) {
      OnAccepted(std::move(socket));
      return Accept();
    }
    LOG(WARNING) << "accept: " << error.message();
    accept_again_.expires_after(kAcceptAgain);
    accept_again_.async_wait([this](const boost::system::error_code& ended) {
      if (!ended && acceptor_.is_open()) Accept();
    });
  });
}

void SessiondServer::OnAccepted(stream_protocol::socket socket) {
  const absl::StatusOr<ucred> peer = PeerOf(socket.native_handle());
  if (!peer.ok() || !MayConnect(peer->uid, geteuid())) {
    LOG(WARNING) << "refused: a process of user " << (peer.ok() ? absl::StrCat(peer->uid) : "unknown");
    return;
  }
  // Beyond the bound there is no room for those who wait to be told so, either.
  if (connections_.size() >= 2 * options_.connections_max) return;
  const auto connection = std::make_shared<SessiondConnection>(std::move(socket), *peer, options_.connection, *this);
  const bool full = connections_.size() >= options_.connections_max;
  connections_.insert(connection);
  connection->Run();
  if (full) {
    connection->ReplyError(DaemonErrorCode::DAEMON_ERROR_CODE_FULL,
                           absl::StrCat(options_.connections_max, " clients are connected, which is the most"));
  }
}

void SessiondServer::OnRequest(const DaemonRequest& request, std::shared_ptr<SessiondConnection> from) {
  switch (request.request_case()) {
    case DaemonRequest::kStart:
      return Start(request.start(), *from);
    case DaemonRequest::kAttach: {
      absl::StatusOr<std::shared_ptr<HostedSession>> session = sessions_.Find(request.attach().session());
      if (!session.ok()) return from->ReplyError(CodeOf(session.status()), session.status().message());
      return from->Attach(*std::move(session), request.attach().window_size());
    }
    case DaemonRequest::kList: {
      DaemonReply reply;
      *reply.mutable_sessions() = sessions_.List();
      return from->Reply(std::move(reply));
    }
    case DaemonRequest::kKill:
      return Kill(request.kill(), from);
    case DaemonRequest::REQUEST_NOT_SET:
      break;
  }
  from->ReplyError(DaemonErrorCode::DAEMON_ERROR_CODE_INVALID, "a request that this sessiond does not know");
}

void SessiondServer::Start(const session::v1::StartSession& request, SessiondConnection& from) {
  absl::StatusOr<std::shared_ptr<HostedSession>> session = sessions_.Start(request);
  if (!session.ok()) return from.ReplyError(CodeOf(session.status()), session.status().message());
  DaemonReply reply;
  *reply.mutable_started() = (*session)->info();
  from.Reply(std::move(reply));
}

void SessiondServer::Kill(const session::v1::KillSession& request, const std::shared_ptr<SessiondConnection>& from) {
  if (request.signal() < 0 || request.signal() > SIGRTMAX) {
    return from->ReplyError(DaemonErrorCode::DAEMON_ERROR_CODE_INVALID,
                            absl::StrCat(request.signal(), " is no signal"));
  }
  absl::StatusOr<std::shared_ptr<HostedSession>> session = sessions_.Find(request.session());
  if (!session.ok()) return from->ReplyError(CodeOf(session.status()), session.status().message());
  (*session)->Kill(request.signal() == 0 ? SIGHUP : request.signal());
  // Who asked may have gone before the end; then the answer goes nowhere.
  (*session)->WhenEnded([from, killed = std::weak_ptr<HostedSession>(*session)] {
    const std::shared_ptr<HostedSession> session = killed.lock();
    if (session == nullptr) return;
    DaemonReply reply;
    *reply.mutable_killed() = session->info();
    from->Reply(std::move(reply));
  });
}

void SessiondServer::End(std::function<void()> then) {
  when_ended_ = std::move(then);
  boost::system::error_code ignored;
  acceptor_.close(ignored);
  sessions_.EndAll([this] {
    sessions_ended_ = true;
    TellWhenEnded();
  });
}

void SessiondServer::OnClosed(const std::shared_ptr<SessiondConnection>& connection) {
  connections_.erase(connection);
  TellWhenEnded();
}

void SessiondServer::TellWhenEnded() {
  if (sessions_ended_ && connections_.empty() && when_ended_ != nullptr) std::exchange(when_ended_, nullptr)();
}

}  // namespace eventlog
