#include "producers/session/sessiond_connection.h"

#include <algorithm>
#include <optional>
#include <utility>

#include "absl/status/statusor.h"
#include "absl/strings/str_cat.h"
#include "absl/time/clock.h"
#include "boost/asio/buffer.hpp"
#include "glog/logging.h"
#include "producers/session/session_events.h"
#include "producers/session/session_id.h"

namespace eventlog {
namespace {

using session::v1::ClientMessage;
using session::v1::DaemonErrorCode;
using session::v1::DaemonMessage;
using session::v1::DaemonReply;
using session::v1::DisconnectReason;

constexpr size_t kOutputBytes = 32 * 1024;

std::string Frame(const google::protobuf::MessageLite& message) {
  absl::StatusOr<std::string> frame = EncodeFrame(message);
  CHECK(frame.ok()) << frame.status();  // all that is sent has a bound
  return *std::move(frame);
}

}  // namespace

SessiondConnection::SessiondConnection(boost::asio::local::stream_protocol::socket socket, ucred peer,
                                       SessiondConnectionOptions options, Handler& handler)
    : socket_(std::move(socket)), peer_(peer), options_(options), handler_(handler), timer_(socket_.get_executor()) {}

void SessiondConnection::Run() {
  socket_.non_blocking(true);
  timer_.expires_after(absl::ToChronoNanoseconds(options_.request_deadline));
  timer_.async_wait([this, self = shared_from_this()](const boost::system::error_code& error) {
    if (!error && !requested_) Fail(DaemonErrorCode::DAEMON_ERROR_CODE_INVALID, "no request came");
  });
  Read();
}

void SessiondConnection::Reply(DaemonReply reply) {
  reply.set_protocol_version(kSessionProtocolVersion);
  reply.set_daemon_pid(getpid());
  EndAfter(reply);
}

void SessiondConnection::ReplyError(DaemonErrorCode code, absl::string_view message) {
  DaemonReply reply;
  reply.mutable_error()->set_code(code);
  reply.mutable_error()->set_message(std::string(message));
  Reply(std::move(reply));
}

void SessiondConnection::Attach(std::shared_ptr<HostedSession> session, const session::v1::WindowSize& size) {
  if (closed_) return;
  session_ = std::move(session);
  position_ = session_->ring().start();
  SessionClient client;
  client.client_id = NewSessionId(absl::Now());
  client.pid = peer_.pid;
  client.user = UserName(peer_.uid);
  client.size = TerminalSizeOf(size);
  DaemonReply reply;
  reply.set_protocol_version(kSessionProtocolVersion);
  reply.set_daemon_pid(getpid());
  reply.mutable_attached()->set_client_id(client.client_id);
  reply.mutable_attached()->set_input_bytes_max(options_.input_bytes_max);
  session_->Attach(*this, std::move(client));
  session::v1::SessionInfo& info = *reply.mutable_attached()->mutable_session();
  info.set_session_id(session_->info().session_id());
  info.set_name(session_->info().name());
  first_frame_ = Frame(reply);
  Send();
}

void SessiondConnection::OnInputTaken(int64_t bytes) {
  input_bytes_ -= bytes;
  input_taken_bytes_ += bytes;
  Send();
}

void SessiondConnection::OnEnded(const session::v1::SessionRemoved& removed) {
  DaemonMessage message;
  message.mutable_ended()->set_reason(DisconnectReason::DISCONNECT_REASON_SESSION_REMOVED);
  *message.mutable_ended()->mutable_removed() = removed;
  EndAfter(message);
}

void SessiondConnection::Read() {
  socket_.async_read_some(boost::asio::buffer(buffer_),
                          [this, self = shared_from_this()](const boost::system::error_code& error, size_t bytes) {
                            OnRead(error, bytes);
                          });
}

void SessiondConnection::OnRead(const boost::system::error_code& error, size_t bytes) {
  if (closed_) return;
  if (error) return Drop(DisconnectReason::DISCONNECT_REASON_LOST);
  // Once its last message is on its way nothing that it says matters; its end does.
  if (last_frame_.empty()) reader_.Feed(absl::string_view(buffer_, bytes));
  while (!closed_ && last_frame_.empty()) {
    absl::StatusOr<std::optional<std::string>> message = reader_.Next();
    if (!message.ok()) {
      Fail(DaemonErrorCode::DAEMON_ERROR_CODE_INVALID, message.status().message());
      break;
    }
    if (!message->has_value() || !Take(**message)) break;
  }
  if (!closed_) Read();
}

bool SessiondConnection::Take(const std::string& message) {
  if (session_ != nullptr) return TakeClientMessage(message);
  if (requested_) {
    Fail(DaemonErrorCode::DAEMON_ERROR_CODE_INVALID, "a second request on one connection");
    return false;
  }
  session::v1::DaemonRequest request;
  if (!request.ParseFromString(message)) {
    Fail(DaemonErrorCode::DAEMON_ERROR_CODE_INVALID, "not sessiond's protocol: no DaemonRequest");
    return false;
  }
  if (request.protocol_version() != kSessionProtocolVersion) {
    Fail(DaemonErrorCode::DAEMON_ERROR_CODE_INVALID,
         absl::StrCat("this sessiond speaks version ", kSessionProtocolVersion, " of its protocol, not ",
                      request.protocol_version(), "; end it (SIGTERM to process ", getpid(), ") to start a new one"));
    return false;
  }
  requested_ = true;
  timer_.cancel();
  handler_.OnRequest(request, shared_from_this());
  return true;
}

bool SessiondConnection::TakeClientMessage(const std::string& bytes) {
  ClientMessage message;
  if (!message.ParseFromString(bytes)) {
    Fail(DaemonErrorCode::DAEMON_ERROR_CODE_INVALID, "not sessiond's protocol: no ClientMessage");
    return false;
  }
  switch (message.message_case()) {
    case ClientMessage::kInput:
      input_bytes_ += static_cast<int64_t>(message.input().size());
      if (input_bytes_ > options_.input_bytes_max) {
        Fail(DaemonErrorCode::DAEMON_ERROR_CODE_INVALID,
             absl::StrCat("more than ", options_.input_bytes_max, " bytes of input that were not taken"));
        return false;
      }
      session_->Type(*this, message.input());
      return true;
    case ClientMessage::kWindowSize:
      session_->Resize(*this, TerminalSizeOf(message.window_size()));
      return true;
    case ClientMessage::kDetach: {
      Leave();
      DaemonMessage ended;
      ended.mutable_ended()->set_reason(DisconnectReason::DISCONNECT_REASON_DETACHED);
      EndAfter(ended);
      return false;
    }
    case ClientMessage::MESSAGE_NOT_SET:
      // Of a later version.
      return true;
  }
  return true;
}

void SessiondConnection::Send() {
  if (closed_ || !frame_.empty()) return;
  frame_ = NextFrame();
  if (frame_.empty()) return;
  sent_ = 0;
  last_progress_ = absl::Now();
  if (!watching_) WatchProgress();
  WriteSome();
}

std::string SessiondConnection::NextFrame() {
  if (!first_frame_.empty()) return std::exchange(first_frame_, {});
  DaemonMessage message;
  if (session_ != nullptr) {
    if (input_taken_bytes_ > 0) {
      message.set_input_taken_bytes(std::exchange(input_taken_bytes_, 0));
      return Frame(message);
    }
    const OutputRing& ring = session_->ring();
    if (position_ < ring.start()) {
      position_ = ring.start();
      repaint_ = true;
    }
    if (repaint_ || position_ < ring.end()) {
      std::string text = std::exchange(repaint_, false) ? ring.Repaint() : "";
      const absl::string_view output = ring.From(position_, kOutputBytes);
      position_ += static_cast<int64_t>(output.size());
      absl::StrAppend(&text, output);
      message.set_output(std::move(text));
      return Frame(message);
    }
  }
  return last_frame_;
}

void SessiondConnection::WriteSome() {
  socket_.async_write_some(boost::asio::buffer(frame_.data() + sent_, frame_.size() - sent_),
                           [this, self = shared_from_this()](const boost::system::error_code& error, size_t bytes) {
                             if (closed_) return;
                             if (error) return Drop(DisconnectReason::DISCONNECT_REASON_LOST);
                             last_progress_ = absl::Now();
                             sent_ += bytes;
                             if (sent_ < frame_.size()) return WriteSome();
                             const bool was_last = !last_frame_.empty() && frame_ == last_frame_;
                             frame_.clear();
                             if (was_last) return Close();
                             Send();
                           });
}

void SessiondConnection::Fail(DaemonErrorCode code, absl::string_view message) {
  if (session_ == nullptr) {
    requested_ = true;
    return ReplyError(code, message);
  }
  Leave();
  DaemonMessage error;
  error.mutable_error()->set_code(code);
  error.mutable_error()->set_message(std::string(message));
  EndAfter(error);
}

void SessiondConnection::Leave() {
  session_->Detach(*this, DisconnectReason::DISCONNECT_REASON_DETACHED);
  position_ = session_->ring().end();
  repaint_ = false;
}

void SessiondConnection::EndAfter(const google::protobuf::MessageLite& last_message) {
  if (closed_) return;
  last_frame_ = Frame(last_message);
  Send();
}

void SessiondConnection::WatchProgress() {
  watching_ = true;
  const absl::Duration left = last_progress_ + options_.slow_client_deadline - absl::Now();
  timer_.expires_after(absl::ToChronoNanoseconds(std::max(absl::Milliseconds(1), left)));
  timer_.async_wait([this, self = shared_from_this()](const boost::system::error_code& error) {
    watching_ = false;
    if (error || closed_ || frame_.empty()) return;
    if (absl::Now() < last_progress_ + options_.slow_client_deadline) return WatchProgress();
    Drop(DisconnectReason::DISCONNECT_REASON_SLOW);
  });
}

void SessiondConnection::Drop(DisconnectReason reason) {
  if (session_ != nullptr) session_->Detach(*this, reason);
  Close();
}

void SessiondConnection::Close() {
  if (std::exchange(closed_, true)) return;
  boost::system::error_code ignored;
  timer_.cancel();
  socket_.shutdown(boost::asio::local::stream_protocol::socket::shutdown_both, ignored);
  socket_.close(ignored);
  handler_.OnClosed(shared_from_this());
}

}  // namespace eventlog
