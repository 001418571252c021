#include "gateway-svc/http/websocket_session.h"

#include <algorithm>
#include <utility>

#include "gateway-svc/http/server_message.h"
#include "gateway-svc/hub/counter.h"
#include "gateway-svc/websocket/frame_codec.h"

namespace gateway {
namespace {

using boost::asio::ip::tcp;

// However seldom a client wants heartbeats: a peer that is gone must be noticed.
constexpr absl::Duration kPingIntervalMax = absl::Seconds(30);
// Of messages that a client sends before it was greeted.
constexpr size_t kEarlyBytesMax = 64 * 1024;

absl::Duration PingInterval(const absl::StatusOr<FirehoseRequest>& request) {
  return request.ok() ? std::min(request->heartbeat, kPingIntervalMax) : kPingIntervalMax;
}

absl::string_view Words(const absl::Status& status) { return {status.message().data(), status.message().size()}; }

}  // namespace

WebSocketSession::WebSocketSession(ClientHost& host, tcp::socket socket, absl::StatusOr<FirehoseRequest> request,
                                   const DeflateAgreement& deflate)
    : ClientConnection(host, std::move(socket)),
      window_bits_(deflate.agreed ? deflate.server_window_bits : 0),
      connection_(host.options().limits, *this, deflate.agreed ? &host.inflater() : nullptr),
      peer_(PingInterval(request), host.options().pong_deadline, UptimeNow()),
      allowance_(host.options().client_frames_burst, host.options().client_frames_per_second, UptimeNow()),
      opening_(new Opening{std::move(request), {}, 0}) {}

WebSocketSession::~WebSocketSession() = default;

void WebSocketSession::Start(std::string early) {
  const std::shared_ptr<ClientConnection> self = shared_from_this();
  StartReading();
  const absl::StatusOr<FirehoseRequest>& request = opening_->request;
  if (host().budget().exceeded()) {
    EndStream(kCloseOverloaded, "OVERLOADED", "too many connections: try again later");
  } else if (!request.ok()) {
    EndStream(kCloseBadRequest, "BAD_REQUEST", Words(request.status()));
  } else {
    FindStart(host(), request->start, weak_from_this(), [this](const FoundStart& found) { OnStart(found); });
  }
  if (!early.empty()) Received(absl::MakeSpan(&early[0], early.size()));
}

void WebSocketSession::OnStart(const FoundStart& found) {
  if (phase() != Phase::kStarting) return;
  const FirehoseRequest& request = *opening_->request;
  EndPosition end = DecideEnd(request.until, found.state);
  if (found.position.kind == StartPosition::Kind::kRefused) end.refusal = found.position.refusal;
  if (end.refusal.has_value()) return EndStream(end.refusal->code, end.refusal->error_code, end.refusal->message);
  const std::unique_ptr<Opening> opening = std::move(opening_);
  BeginStream(request, end, found.position.offset, found.state);
  for (const std::string& message : opening->messages) {
    if (phase() == Phase::kStreaming) stream().OnClientMessage(message);
  }
  Pump();
}

FrameFormat& WebSocketSession::frame_format() {
  return window_bits_ > 0 ? host().deflate_format(window_bits_) : host().websocket_format();
}

std::string WebSocketSession::Encode(absl::string_view json, absl::string_view cursor) {
  return EncodeFrame(Opcode::kText, json);
}

void WebSocketSession::OnReceived(absl::Span<char> bytes, Uptime now) {
  peer_.OnReceived(now);
  connection_.Receive(bytes);
  if (!connection_.disconnect() || phase() == Phase::kClosing || phase() == Phase::kFinished) return;
  BeginClosing(connection_.failed() ? connection_.failure()->code.name : nullptr, now);
}

bool WebSocketSession::Admit() {
  if (allowance_.Take(UptimeNow())) return true;
  EndStream(kCloseFlood, "TOO_MANY_MESSAGES", "too many messages from the client");
  return false;
}

void WebSocketSession::OnMessage(bool text, std::string payload) {
  if (!Admit() || phase() == Phase::kClosing) return;
  Count(host().counters().messages_received);
  if (!text) {
    PushMessage(ErrorMessage("MESSAGE_INVALID", "a message is JSON in a text message, not a binary one"), "");
  } else if (opening_ == nullptr) {
    stream().OnClientMessage(payload);
  } else {
    opening_->message_bytes += payload.size();
    opening_->messages.push_back(std::move(payload));
    if (opening_->message_bytes > kEarlyBytesMax) {
      EndStream(kCloseFlood, "TOO_MANY_MESSAGES", "too many messages from the client before it was greeted");
    }
  }
}

void WebSocketSession::OnPong(absl::string_view payload) {
  Count(host().counters().pongs_received);
  // One that nobody asked for is allowed (RFC 6455, 5.5.3), and proves nothing of what was asked.
  if (payload == PingPayload()) return peer_.OnPong();
  Admit();
}

void WebSocketSession::OnControlFrame(std::string frame) {
  if (!connection_.close_sent()) {
    if (Admit()) PushControl(std::move(frame));
    return;
  }
  // No data may follow a Close frame: what has not begun to leave is dropped, unless EndStream put it there.
  if (phase() != Phase::kClosing) DropUnsent();
  PushOwn(std::move(frame));
}

Uptime WebSocketSession::CheckPeer(Uptime now) {
  if (peer_.Gone(now)) {
    EndStream(kCloseNoPong, "NO_PONG", "no pong came in time");
    return absl::InfiniteDuration();
  }
  if (peer_.PingDue(now)) {
    peer_.OnPing(now);
    Count(host().counters().pings_sent);
    ++pings_;
    PushControl(EncodeFrame(Opcode::kPing, PingPayload()));
  }
  return peer_.NextCheck();
}

}  // namespace gateway
