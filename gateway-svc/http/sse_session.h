// One client of the firehose over server-sent events, on its shard's thread: the body of an HTTP answer around a
// ClientConnection. Nothing is read from the client but its end.

#ifndef GATEWAY_SVC_HTTP_SSE_SESSION_H_
#define GATEWAY_SVC_HTTP_SSE_SESSION_H_

#include <boost/asio/ip/tcp.hpp>
#include <string>

#include "absl/strings/string_view.h"
#include "gateway-svc/http/client_connection.h"
#include "gateway-svc/http/firehose_request.h"
#include "gateway-svc/http/start_position.h"

namespace gateway {

class SseSession : public ClientConnection {
 public:
  SseSession(ClientHost& host, boost::asio::ip::tcp::socket socket);

  // The head of the answer was sent. The session has been added to its host.
  void Start(const FirehoseRequest& request, const EndPosition& end, int64_t next_offset, const RingState& state);

 private:
  std::string Encode(absl::string_view json, absl::string_view cursor) override;
  void OnReceived(absl::Span<char> bytes, Uptime now) override {}
  void PushEnd(const CloseCode& code, absl::string_view reason) override;
  bool peer_is_done() const override { return true; }
  // Comments keep proxies awake; a peer that is gone is the kernel's to notice (TCP_USER_TIMEOUT).
  Uptime CheckPeer(Uptime now) override;
  void OnFinished() override { Count(host().counters().sse_clients, -1); }
  const char* transport() const override { return "sse"; }
  const char* end_of_peer() const override { return "client"; }
  FrameFormat& frame_format() override { return host().sse_format(); }

  Uptime next_ping_;
};

}  // namespace gateway

#endif  // GATEWAY_SVC_HTTP_SSE_SESSION_H_
