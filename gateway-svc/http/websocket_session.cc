#include "gateway-svc/http/websocket_session.h"

#include <sys/socket.h>
#include <sys/uio.h>

#include <algorithm>
#include <boost/asio/post.hpp>
#include <cerrno>
#include <random>
#include <utility>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"
#include "gateway-svc/http/server_message.h"
#include "gateway-svc/http/socket_limits.h"
#include "gateway-svc/hub/lag_policy.h"
#include "gateway-svc/websocket/frame_codec.h"

namespace gateway {
namespace {

using boost::asio::ip::tcp;
using boost::system::error_code;

constexpr int kGatherMax = 64;
// A client that sends much is read in turns, so that the shard's others are not kept waiting.
constexpr int kReadsPerTurn = 4;
// However seldom a client wants heartbeats: a peer that is gone must be noticed.
constexpr absl::Duration kPingIntervalMax = absl::Seconds(30);
// How long the log may take to say where a client begins.
constexpr absl::Duration kStartDeadline = absl::Seconds(20);

std::string NewConnectionId() {
  thread_local std::mt19937_64 random{std::random_device{}()};
  return absl::StrFormat("%016x", random());
}

absl::Duration PingInterval(const absl::StatusOr<FirehoseRequest>& request) {
  return request.ok() ? std::min(request->heartbeat, kPingIntervalMax) : kPingIntervalMax;
}

void Add(std::atomic<int64_t>& counter, int64_t count) { counter.fetch_add(count, std::memory_order_relaxed); }

}  // namespace

WebSocketSession::WebSocketSession(ClientHost& host, tcp::socket socket, absl::StatusOr<FirehoseRequest> request)
    : host_(host),
      socket_(std::move(socket)),
      request_(std::move(request)),
      connection_(host.options().limits, *this),
      phase_since_(UptimeNow()),
      last_progress_(phase_since_),
      last_message_(phase_since_),
      peer_(PingInterval(request_), host.options().pong_deadline, phase_since_),
      allowance_(host.options().client_frames_burst, host.options().client_frames_per_second, phase_since_) {
  Add(host_.counters().clients, 1);
}

WebSocketSession::~WebSocketSession() = default;

void WebSocketSession::Start(std::string early) {
  const std::shared_ptr<WebSocketSession> self = shared_from_this();
  error_code ignored;  // a connection that is gone already shows at the first read
  socket_.non_blocking(true, ignored);
  Apply(host_.options().socket, socket_.native_handle());
  WaitReadable();
  if (host_.budget().exceeded()) {
    End(kCloseOverloaded, "OVERLOADED", "too many connections: try again later");
  } else if (!request_.ok()) {
    End(kCloseBadRequest, "BAD_REQUEST", {request_.status().message().data(), request_.status().message().size()});
  } else {
    TakePosition(DecideStart(request_->start, host_.ring().state()));
  }
  if (!early.empty()) Received(absl::MakeSpan(&early[0], early.size()));
}

void WebSocketSession::TakePosition(const StartPosition& position) {
  switch (position.kind) {
    case StartPosition::Kind::kOffset:
      return Begin(position.offset);
    case StartPosition::Kind::kRefused:
      return End(position.refusal.code, position.refusal.error_code, position.refusal.message);
    case StartPosition::Kind::kAskTail:
    case StartPosition::Kind::kAskTime:
    case StartPosition::Kind::kAskHead:
      return AskLog(position);
  }
}

void WebSocketSession::AskLog(const StartPosition& position) {
  const StartPosition::Kind asked = position.kind;
  auto done = [weak = weak_from_this(), io = host_.io(), asked](absl::StatusOr<LogPosition> found) {
    boost::asio::post(*io, [weak, asked, found = std::move(found)] {
      if (const auto self = weak.lock()) self->OnLogAnswered(asked, found);
    });
  };
  if (asked == StartPosition::Kind::kAskTime) {
    host_.pages().FindTime(position.time, std::move(done));
  } else {
    host_.pages().FindTail(asked == StartPosition::Kind::kAskTail ? position.tail : 0, std::move(done));
  }
}

void WebSocketSession::OnLogAnswered(StartPosition::Kind asked, const absl::StatusOr<LogPosition>& found) {
  if (phase_ != Phase::kStarting) return;
  if (!found.ok()) {
    const StartRefusal refusal = LookupFailed(found.status());
    End(refusal.code, refusal.error_code, refusal.message);
  } else if (found->epoch != host_.ring().state().epoch) {
    End(kCloseNoUpstream, "UPSTREAM_UNAVAILABLE", "the log is being replaced by another: try again later");
  } else if (asked == StartPosition::Kind::kAskHead) {
    TakePosition(ConfirmHead(request_->start, found->offset));
  } else {
    Begin(found->offset);
  }
}

void WebSocketSession::Begin(int64_t next_offset) {
  const RingState state = host_.ring().state();
  cursor_.emplace(host_.GroupFor(request_->filter), host_.ring(), state.epoch, next_offset,
                  OnShard(&WebSocketSession::OnPage));
  phase_ = Phase::kStreaming;
  Hello hello;
  hello.connection = NewConnectionId();
  hello.log = host_.options().log;
  hello.epoch = state.epoch;
  hello.log_start = state.log_start;
  hello.log_head = state.log_head;
  hello.next_offset = next_offset;
  hello.filter = request_->filter;
  hello.heartbeat = request_->heartbeat;
  hello.client_frame_bytes_max = host_.options().limits.frame_bytes_max;
  hello.client_message_bytes_max = host_.options().limits.message_bytes_max;
  hello.slow_client_deadline = host_.options().slow_client_deadline;
  PushText(HelloMessage(hello));
  if (message_refused_) RefuseMessage();
  Pump();
}

std::function<void()> WebSocketSession::OnShard(void (WebSocketSession::*method)()) {
  return [weak = weak_from_this(), io = host_.io(), method] {
    boost::asio::post(*io, [weak, method] {
      if (const auto self = weak.lock()) ((*self).*method)();
    });
  };
}

void WebSocketSession::WaitReadable() {
  if (phase_ == Phase::kFinished) return;
  // Waits without a buffer: an idle client costs none.
  socket_.async_wait(tcp::socket::wait_read, [self = shared_from_this()](const error_code& error) {
    if (!error) self->OnReadable();
  });
}

void WebSocketSession::OnReadable() {
  for (int turn = 0; turn < kReadsPerTurn && phase_ != Phase::kFinished; ++turn) {
    const absl::Span<char> buffer = host_.read_buffer();
    const ssize_t size = ::recv(socket_.native_handle(), buffer.data(), buffer.size(), MSG_DONTWAIT);
    if (size > 0) {
      Received(buffer.subspan(0, static_cast<size_t>(size)));
    } else if (size < 0 && (errno == EAGAIN || errno == EINTR)) {
      break;
    } else {
      return Finish(reason_[0] != '\0' ? reason_ : connection_.close_received() ? "client" : "lost");
    }
  }
  WaitReadable();
}

void WebSocketSession::Received(absl::Span<char> bytes) {
  Add(host_.counters().bytes_received, static_cast<int64_t>(bytes.size()));
  const Uptime now = UptimeNow();
  peer_.OnReceived(now);
  connection_.Receive(bytes);
  if (phase_ == Phase::kFinished) return;
  if (connection_.disconnect() && phase_ != Phase::kClosing) {
    phase_ = Phase::kClosing;
    phase_since_ = now;
    if (connection_.failed()) {
      const uint16_t code = connection_.close_code();
      reason_ = code == kCloseTooBig.code           ? kCloseTooBig.name
                : code == kCloseInvalidPayload.code ? kCloseInvalidPayload.name
                                                    : kCloseProtocolError.name;
    }
  }
  Pump();
}

bool WebSocketSession::Admit() {
  if (allowance_.Take(UptimeNow())) return true;
  End(kClosePolicy, "TOO_MANY_MESSAGES", "too many messages from the client");
  return false;
}

void WebSocketSession::OnMessage(bool text, std::string payload) {
  if (!Admit() || phase_ == Phase::kClosing) return;
  // Answers to a client that does not read them would pile up.
  if (window_.bytes() > host_.options().write_bytes_max) return;
  message_refused_ = true;
  if (phase_ == Phase::kStreaming) RefuseMessage();
}

void WebSocketSession::RefuseMessage() {
  PushText(ErrorMessage("MESSAGE_UNSUPPORTED",
                        "this stream takes no messages from the client; close it and connect anew to change it",
                        /*retry=*/false, ""));
}

void WebSocketSession::OnPong(absl::string_view payload) { peer_.OnPong(); }

void WebSocketSession::OnControlFrame(std::string frame) {
  if (!connection_.close_sent()) {
    if (Admit()) window_.PushControl(std::move(frame));
    return;
  }
  // No data may follow a Close frame: what has not begun to leave is dropped, unless End put it there.
  if (phase_ != Phase::kClosing) window_.DropUnsent();
  window_.PushOwn(std::move(frame));
}

void WebSocketSession::PushText(absl::string_view text) {
  if (window_.empty()) last_progress_ = UptimeNow();
  window_.PushOwn(EncodeFrame(Opcode::kText, text));
  last_message_ = UptimeNow();
}

void WebSocketSession::OnRingChanged() {
  ring_changed_ = true;
  if (phase_ == Phase::kStreaming && window_.empty()) Pump();
}

void WebSocketSession::Pump() {
  const std::shared_ptr<WebSocketSession> self = shared_from_this();
  if (waiting_writable_ || phase_ == Phase::kFinished) return;
  if (window_.empty() && phase_ == Phase::kStreaming) Fill();
  while (!window_.empty()) {
    if (!Send()) return;
  }
  AfterSending();
  // The next window's turn comes after the shard's other clients had theirs.
  if (phase_ == Phase::kStreaming && (more_ || ring_changed_) && !page_due_ && !read_failed_ && !pump_posted_) {
    pump_posted_ = true;
    boost::asio::post(socket_.get_executor(), [self] {
      self->pump_posted_ = false;
      self->Pump();
    });
  }
}

void WebSocketSession::Fill() {
  if (page_due_ || read_failed_) return;
  ring_changed_ = false;
  Pulled pulled = cursor_->Pull(host_.options().write_bytes_max);
  if (!pulled.frames.empty()) {
    last_message_ = last_progress_ = UptimeNow();
    for (SharedFramePtr& frame : pulled.frames) window_.PushFrame(std::move(frame));
  }
  more_ = pulled.state == Pulled::State::kMore;
  page_due_ = pulled.state == Pulled::State::kWaiting;
  read_failed_ = pulled.state == Pulled::State::kFailed;
  if (pulled.state == Pulled::State::kOtherLog) {
    return End(kCloseWrongEpoch, "LOG_REPLACED", "the log was replaced by another: start again with cursor=earliest");
  }
  const bool caught_up = pulled.state == Pulled::State::kCaughtUp;
  // While the gateway itself catches up with the log, nobody has everything.
  if (caught_up && !live_ && cursor_->next_offset() >= host_.ring().state().log_head) {
    PushText(LiveMessage(cursor_->epoch(), cursor_->next_offset()));
    live_ = true;
  }
  live_ = live_ && caught_up;
}

void WebSocketSession::OnPage() {
  page_due_ = false;
  more_ = true;
  if (phase_ == Phase::kStreaming) Pump();
}

bool WebSocketSession::Send() {
  struct iovec vectors[kGatherMax];
  struct msghdr message = {};
  message.msg_iov = vectors;
  message.msg_iovlen = static_cast<size_t>(window_.Gather(vectors, kGatherMax));
  const ssize_t size = ::sendmsg(socket_.native_handle(), &message, MSG_DONTWAIT | MSG_NOSIGNAL);
  if (size < 0) {
    if (errno == EINTR) return true;
    if (errno == EAGAIN) {
      WaitWritable();
    } else {
      Finish(reason_[0] != '\0' ? reason_ : "lost");
    }
    return false;
  }
  last_progress_ = UptimeNow();
  const SendWindow::Sent sent = window_.Consume(static_cast<size_t>(size));
  TrafficCounters& counters = host_.counters();
  Add(counters.bytes_sent, size);
  Add(counters.frames_sent, sent.frames);
  Add(counters.events_sent, sent.events);
  return true;
}

void WebSocketSession::WaitWritable() {
  if (waiting_writable_) return;
  waiting_writable_ = true;
  socket_.async_wait(tcp::socket::wait_write, [self = shared_from_this()](const error_code& error) {
    self->waiting_writable_ = false;
    if (error) return;
    self->peer_.OnDrained(UptimeNow());
    self->Pump();
  });
}

void WebSocketSession::OnTick(Uptime now) {
  if (phase_ == Phase::kFinished) return;
  const ClientOptions& options = host_.options();
  if (phase_ == Phase::kClosing) {
    if (now - phase_since_ >= options.close_grace) Finish(reason_[0] != '\0' ? reason_ : "client");
    return;
  }
  if (drain_at_.has_value() && now >= *drain_at_) return End(kCloseRestart, "", kCloseRestart.text);
  if (phase_ == Phase::kStarting) {
    if (now - phase_since_ < kStartDeadline) return;
    return End(kCloseNoUpstream, "UPSTREAM_UNAVAILABLE", "the log did not say in time where to start: try again later");
  }
  ClientProgress progress;
  progress.behind_events = host_.ring().state().head - window_.first_unsent_offset().value_or(cursor_->next_offset());
  progress.write_pending = !window_.empty();
  progress.since_progress = now - last_progress_;
  if (LagPolicy{options.slow_client_deadline}.TooSlow(progress)) {
    return End(kCloseSlow, "SLOW_CLIENT",
               absl::StrCat("nothing was read for ", absl::FormatDuration(options.slow_client_deadline), " while ",
                            progress.behind_events, " events waited"));
  }
  CheckPeer(now);
  if (phase_ != Phase::kStreaming) return;
  if (std::exchange(read_failed_, false)) OnPage();
  if (window_.empty() && now - last_message_ >= request_->heartbeat) {
    PushText(HeartbeatMessage(cursor_->epoch(), cursor_->next_offset(), host_.ring().state().log_head, absl::Now()));
    Pump();
  }
}

void WebSocketSession::CheckPeer(Uptime now) {
  if (peer_.Gone(now)) return End(kCloseNoPong, "NO_PONG", "no pong came in time");
  if (!peer_.PingDue(now)) return;
  peer_.OnPing(now);
  if (window_.empty()) last_progress_ = now;
  window_.PushControl(EncodeFrame(Opcode::kPing, ""));
  Pump();
}

void WebSocketSession::Drain(absl::Duration spread) {
  if (phase_ == Phase::kClosing || phase_ == Phase::kFinished) return;
  thread_local std::minstd_rand random{std::random_device{}()};
  drain_at_ = UptimeNow() + spread * std::uniform_real_distribution<double>(0, 1)(random);
}

std::string WebSocketSession::ResumeCursor(int64_t next_offset) const {
  return cursor_.has_value() ? FormatCursor(cursor_->epoch(), next_offset) : "";
}

void WebSocketSession::End(const CloseCode& code, absl::string_view error_code, absl::string_view message) {
  if (phase_ == Phase::kClosing || phase_ == Phase::kFinished) return;
  const std::optional<int64_t> dropped = window_.DropUnsent();
  const std::string cursor = ResumeCursor(dropped.value_or(cursor_.has_value() ? cursor_->next_offset() : 0));
  if (!error_code.empty()) PushText(ErrorMessage(error_code, message, code.comeback != Comeback::kNever, cursor));
  phase_ = Phase::kClosing;
  phase_since_ = UptimeNow();
  reason_ = code.name;
  connection_.Close(code.code, CloseReason(message, cursor));
  MakeRoom(host_.options().socket, window_.bytes(), socket_.native_handle());
  const std::shared_ptr<WebSocketSession> self = shared_from_this();
  while (!window_.empty() && phase_ != Phase::kFinished && Send()) {
  }
  AfterSending();
}

void WebSocketSession::AfterSending() {
  if (phase_ != Phase::kClosing || !window_.empty() || !connection_.disconnect() || shut_down_) return;
  // Closing with unread bytes would reset the connection and could take our last frames from the client: its end of
  // stream is awaited, and the grace ends it otherwise.
  shut_down_ = true;
  error_code ignored;
  socket_.shutdown(tcp::socket::shutdown_send, ignored);
}

void WebSocketSession::Finish(absl::string_view reason) {
  if (phase_ == Phase::kFinished) return;
  phase_ = Phase::kFinished;
  const std::shared_ptr<WebSocketSession> self = shared_from_this();
  host_.counters().CountDisconnect(reason);
  Add(host_.counters().clients, -1);
  error_code ignored;
  socket_.close(ignored);
  host_.Remove(this);
}

}  // namespace gateway
