#include "gateway-svc/http/sse_session.h"

#include <netinet/in.h>
#include <netinet/tcp.h>
#include <sys/socket.h>

#include <utility>

#include "gateway-svc/http/sse_format.h"
#include "gateway-svc/hub/counter.h"

namespace gateway {
namespace {

constexpr absl::Duration kPingInterval = absl::Seconds(30);

}  // namespace

SseSession::SseSession(ClientHost& host, boost::asio::ip::tcp::socket socket)
    : ClientConnection(host, std::move(socket)), next_ping_(UptimeNow() + kPingInterval) {
  Count(host.counters().sse_clients);
}

void SseSession::Start(const FirehoseRequest& request, const EndPosition& end, int64_t next_offset,
                       const RingState& state) {
  const unsigned timeout_ms = static_cast<unsigned>(absl::ToInt64Milliseconds(host().options().pong_deadline));
  ::setsockopt(native_handle(), IPPROTO_TCP, TCP_USER_TIMEOUT, &timeout_ms, sizeof(timeout_ms));
  StartReading();
  if (phase() == Phase::kStarting) BeginStream(request, end, next_offset, state);
}

std::string SseSession::Encode(absl::string_view json, absl::string_view cursor) { return SseChunk(json, cursor); }

void SseSession::PushEnd(const CloseCode& code, absl::string_view reason) {
  // One whose end was reached comes back soon, and is answered 204.
  if (code.code != kCloseNormal.code && code.comeback != Comeback::kResume) {
    PushOwn(SseRetry(SseRetryMs(code.comeback)));
  }
  PushOwn(SseEnd());
}

Uptime SseSession::CheckPeer(Uptime now) {
  if (now >= next_ping_) {
    next_ping_ = now + kPingInterval;
    PushOwn(SsePing());
  }
  return next_ping_;
}

}  // namespace gateway
