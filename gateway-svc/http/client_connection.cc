#include "gateway-svc/http/client_connection.h"

#include <sys/socket.h>
#include <sys/uio.h>

#include <algorithm>
#include <cerrno>
#include <random>
#include <utility>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"
#include "gateway-svc/http/server_message.h"
#include "gateway-svc/http/socket_limits.h"
#include "gateway-svc/hub/counter.h"
#include "gateway-svc/hub/lag_policy.h"

namespace gateway {
namespace {

using boost::asio::ip::tcp;
using boost::system::error_code;

constexpr int kGatherMax = 64;
// A client that sends much is read in turns, so that the shard's others are not kept waiting.
constexpr int kReadsPerTurn = 4;
// How long the log may take to say where a client begins.
constexpr absl::Duration kStartDeadline = absl::Seconds(20);
// Answers that a client asks for and does not read.
constexpr size_t kPendingBytesMax = 2 * 1024 * 1024;
// Over this time clients come back when they all were sent away.
constexpr absl::Duration kReconnectSpread = absl::Seconds(1);

std::string NewConnectionId() {
  thread_local std::mt19937_64 random{std::random_device{}()};
  return absl::StrFormat("%016x", random());
}

double RandomPart() {
  thread_local std::minstd_rand random{std::random_device{}()};
  return std::uniform_real_distribution<double>(0, 1)(random);
}

}  // namespace

ClientConnection::ClientConnection(ClientHost& host, tcp::socket socket)
    : host_(host),
      fd_(socket.native_handle()),
      stream_(host, *this),
      last_progress_(UptimeNow()),
      socket_(std::move(socket)),
      id_(NewConnectionId()),
      since_(last_progress_),
      phase_since_(last_progress_) {
  Count(host_.counters().clients, 1);
}

ClientConnection::~ClientConnection() = default;

void ClientConnection::StartReading() {
  error_code ignored;  // a connection that is gone already shows at the first read
  socket_.non_blocking(true, ignored);
  Apply(host_.options().socket, fd_);
  WaitReadable();
  OnTimer(UptimeNow());
}

void ClientConnection::BeginStream(const FirehoseRequest& request, const EndPosition& end, int64_t next_offset,
                                   const RingState& state) {
  phase_ = Phase::kStreaming;
  stream_.Begin(request, end, next_offset, state, id_);
  Pump();
}

void ClientConnection::WaitReadable() {
  if (phase_ == Phase::kFinished) return;
  // Waits without a buffer: an idle client costs none.
  socket_.async_wait(tcp::socket::wait_read, [self = shared_from_this()](const error_code& error) {
    if (!error) self->OnReadable();
  });
}

void ClientConnection::OnReadable() {
  for (int turn = 0; turn < kReadsPerTurn && phase_ != Phase::kFinished; ++turn) {
    const absl::Span<char> buffer = host_.read_buffer();
    const ssize_t size = ::recv(fd_, buffer.data(), buffer.size(), MSG_DONTWAIT);
    if (size > 0) {
      Received(buffer.subspan(0, static_cast<size_t>(size)));
    } else if (size < 0 && (errno == EAGAIN || errno == EINTR)) {
      break;
    } else {
      const char* const peer = size == 0 ? end_of_peer() : errno == ETIMEDOUT ? "no_pong" : "lost";
      return Finish(reason_ != nullptr ? reason_ : peer);
    }
  }
  WaitReadable();
}

void ClientConnection::Received(absl::Span<char> bytes) {
  Count(host_.counters().bytes_received, static_cast<int64_t>(bytes.size()));
  bytes_received_ += static_cast<int64_t>(bytes.size());
  OnReceived(bytes, UptimeNow());
  if (phase_ == Phase::kFinished) return;
  if (phase_ != Phase::kClosing && window_.bytes() > kPendingBytesMax) {
    return EndStream(kCloseFlood, "ANSWERS_UNREAD", "the answers to the client's messages are not read");
  }
  Pump();
}

void ClientConnection::BeginClosing(const char* reason, Uptime now) {
  phase_ = Phase::kClosing;
  phase_since_ = now;
  reason_ = reason;
  host_.WakeAt(*this, now + host_.options().close_grace);
}

void ClientConnection::PushOwn(std::string bytes) {
  if (window_.empty()) last_progress_ = UptimeNow();
  window_.PushOwn(std::move(bytes));
}

void ClientConnection::PushControl(std::string frame) {
  if (window_.empty()) last_progress_ = UptimeNow();
  window_.PushControl(std::move(frame));
}

void ClientConnection::OnRingChanged(Uptime now) {
  if (phase_ != Phase::kStreaming) return;
  stream_.OnRingChanged();
  if (phase_ == Phase::kStreaming && window_.empty() && MayFill()) PumpNow(now);
}

void ClientConnection::OnTurn(Uptime now) {
  if (phase_ == Phase::kStreaming) stream_.OnTurn();
  PumpNow(now);
}

void ClientConnection::Pump() { PumpNow(UptimeNow()); }

void ClientConnection::PumpNow(Uptime now) {
  if (waiting_writable_ || phase_ == Phase::kFinished) return;
  if (window_.empty()) {
    last_progress_ = now;
    if (phase_ == Phase::kStreaming && MayFill()) stream_.Fill(now);
  }
  while (!window_.empty() && phase_ != Phase::kFinished) {
    if (!Send(now)) return;
  }
  AfterSending();
  if (phase_ != Phase::kStreaming) return;
  if (const Uptime due = stream_.next_fill(now); due > now) return host_.WakeAt(*this, due);
  AskTurn();
}

bool ClientConnection::Send(Uptime now) {
  struct iovec vectors[kGatherMax];
  const int count = window_.Gather(vectors, kGatherMax);
  ssize_t size = 0;
  if (count == 1) {
    size = ::send(fd_, vectors[0].iov_base, vectors[0].iov_len, MSG_DONTWAIT | MSG_NOSIGNAL);
  } else {
    struct msghdr message = {};
    message.msg_iov = vectors;
    message.msg_iovlen = static_cast<size_t>(count);
    size = ::sendmsg(fd_, &message, MSG_DONTWAIT | MSG_NOSIGNAL);
  }
  if (size >= 0) {
    TookBytes(static_cast<size_t>(size), now);
    return true;
  }
  if (errno == EINTR) return true;
  if (errno == EAGAIN) {
    WaitWritable();
  } else {
    Finish(reason_ != nullptr ? reason_ : "lost");
  }
  return false;
}

void ClientConnection::TookBytes(size_t bytes, Uptime now) {
  const SendWindow::Sent sent = window_.Consume(bytes);
  bytes_sent_ += static_cast<int64_t>(bytes);
  progress_bytes_ += bytes;
  if (window_.empty() || progress_bytes_ >= host_.options().slow_client_bytes_min) {
    last_progress_ = now;
    progress_bytes_ = 0;
    lag_told_ = false;
  }
  TrafficCounters& counters = host_.counters();
  Count(counters.bytes_sent, static_cast<int64_t>(bytes));
  Count(counters.frames_sent, sent.frames);
  Count(counters.events_sent, sent.events);
}

void ClientConnection::WaitWritable() {
  if (waiting_writable_) return;
  waiting_writable_ = true;
  host_.WakeAt(*this, last_progress_ + host_.options().slow_client_deadline / 2);
  socket_.async_wait(tcp::socket::wait_write, [self = shared_from_this()](const error_code& error) {
    self->waiting_writable_ = false;
    if (error) return;
    self->OnDrained(UptimeNow());
    self->Pump();
  });
}

void ClientConnection::OnTimer(Uptime now) {
  if (phase_ == Phase::kFinished) return;
  if (phase_ == Phase::kClosing) {
    if (now >= closing_deadline()) return Finish(reason_ != nullptr ? reason_ : "client");
    return host_.WakeAt(*this, closing_deadline());
  }
  if (drain_at_.has_value()) {
    if (now >= *drain_at_) return EndStream(kCloseRestart, "", kCloseRestart.text);
    host_.WakeAt(*this, *drain_at_);
  }
  if (phase_ == Phase::kStarting) {
    host_.WakeAt(*this, phase_since_ + kStartDeadline);
    if (now - phase_since_ < kStartDeadline) return;
    return EndStream(kCloseNoUpstream, "UPSTREAM_UNAVAILABLE",
                     "the log did not say in time where to start: try again later");
  }
  CheckProgress(now);
  if (phase_ != Phase::kStreaming) return;
  // Before a ping stands in the way of a heartbeat.
  stream_.OnTimer(now);
  const Uptime peer_due = CheckPeer(now);
  if (phase_ != Phase::kStreaming) return;
  host_.WakeAt(*this, peer_due);
  PumpNow(now);
}

Uptime ClientConnection::closing_deadline() const {
  if (ends_in_turn_ && !window_.empty()) return last_progress_ + host_.options().slow_client_deadline;
  return (ends_in_turn_ ? std::max(phase_since_, last_progress_) : phase_since_) + host_.options().close_grace;
}

void ClientConnection::CheckProgress(Uptime now) {
  if (window_.empty()) return;
  const absl::Duration deadline = host_.options().slow_client_deadline;
  ClientProgress progress;
  progress.behind_events = stream_.behind_events();
  progress.pending_bytes = window_.bytes();
  progress.paused = stream_.paused();
  progress.since_progress = now - last_progress_;
  const LagPolicy policy{deadline};
  if (policy.TooSlow(progress)) {
    return EndStream(kCloseSlow, "SLOW_CLIENT",
                     absl::StrCat("too little was read for ", absl::FormatDuration(deadline), " while ",
                                  progress.behind_events, " events waited"));
  }
  host_.WakeAt(*this, now + policy.NextLook(progress.since_progress));
  if (lag_told_ || !policy.IsBehind(progress) || progress.since_progress < deadline / 2) return;
  lag_told_ = true;
  Count(host_.counters().lag_warnings, 1);
  const absl::Duration behind = now - stream_.behind_since().value_or(now);
  // Ahead of the events that wait: it is of no use behind them.
  PushControl(Encode(LagMessage(progress.behind_events, behind, deadline - progress.since_progress), ""));
}

void ClientConnection::Drain(absl::Duration spread) {
  if (phase_ == Phase::kClosing || phase_ == Phase::kFinished) return;
  const absl::Duration wait = spread * RandomPart();
  const Uptime at = UptimeNow() + wait;
  // A second drain can only hurry: the process ends during a long one.
  if (drain_at_.has_value() && *drain_at_ <= at) return;
  drain_at_ = at;
  host_.WakeAt(*this, *drain_at_);
  if (phase_ != Phase::kStreaming) return;
  // Ahead of the events that wait: those that are not taken until the end are dropped.
  PushControl(Encode(DrainMessage(wait, std::max(spread, kReconnectSpread) * RandomPart()), ""));
  Pump();
}

std::string ClientConnection::ResumeCursor(std::optional<int64_t> next_offset) const {
  if (!stream_.begun()) return "";
  return FormatCursor(stream_.cursor().epoch(), next_offset.value_or(stream_.cursor().next_offset()));
}

void ClientConnection::EndStream(const CloseCode& code, absl::string_view error_code, absl::string_view message) {
  if (phase_ == Phase::kClosing || phase_ == Phase::kFinished) return;
  const std::shared_ptr<ClientConnection> self = shared_from_this();
  // What ends as it should ends behind what was given; else the client is told from where on it was given nothing.
  ends_in_turn_ = code.code == kCloseNormal.code || code.code == kCloseGap.code;
  const std::optional<int64_t> dropped = ends_in_turn_ ? std::nullopt : window_.DropUnsent();
  if (stream_.begun()) given_until_ = dropped.value_or(stream_.cursor().next_offset());
  const std::string cursor = ResumeCursor(given_until_);
  if (!error_code.empty()) {
    ErrorDetails details;
    details.retry = code.comeback != Comeback::kNever;
    details.cursor = cursor;
    PushMessage(ErrorMessage(error_code, message, details), "");
  }
  BeginClosing(code.name, UptimeNow());
  PushEnd(code, CloseReason(message, cursor));
  MakeRoom(host_.options().socket, window_.bytes(), fd_);
  while (!window_.empty() && phase_ != Phase::kFinished && Send(UptimeNow())) {
  }
  AfterSending();
}

void ClientConnection::AfterSending() {
  if (phase_ != Phase::kClosing || !window_.empty() || !peer_is_done() || shut_down_) return;
  // Closing with unread bytes would reset the connection and could take our last frames from the client: its end of
  // stream is awaited, and the grace ends it otherwise.
  shut_down_ = true;
  error_code ignored;
  socket_.shutdown(tcp::socket::shutdown_send, ignored);
}

void ClientConnection::Finish(const char* reason) {
  if (phase_ == Phase::kFinished) return;
  const std::shared_ptr<ClientConnection> self = shared_from_this();
  reason_ = reason;
  Count(host_.counters().clients, -1);
  OnFinished();
  host_.Remove(this, reason);
  phase_ = Phase::kFinished;
  fd_ = -1;  // the number may soon be another's
  error_code ignored;
  socket_.close(ignored);
}

ClientInfo ClientConnection::Describe() const {
  static constexpr const char* kPhases[] = {"starting", "streaming", "closing", "closing"};
  ClientInfo info;
  info.id = id_;
  info.transport = transport();
  info.phase = phase_ == Phase::kStreaming && stream_.paused() ? "paused" : kPhases[static_cast<int>(phase_)];
  info.cursor = ResumeCursor(given_until_.has_value() ? given_until_ : window_.first_unsent_offset());
  info.filter = stream_.begun() ? FilterJson(stream_.cursor().spec().filter) : "";
  info.mode = stream_.begun() ? DeliveryModeName(stream_.cursor().spec().mode) : "";
  info.behind_events = given_until_.has_value() ? host_.ring_state().head - *given_until_ : stream_.behind_events();
  info.bytes_sent = bytes_sent_;
  info.bytes_received = bytes_received_;
  info.bytes_pending = static_cast<int64_t>(window_.bytes());
  info.age = UptimeNow() - since_;
  return info;
}

}  // namespace gateway
