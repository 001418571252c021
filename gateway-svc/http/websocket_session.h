// One WebSocket client of the firehose, on its shard's thread: the frames of RFC 6455 around a ClientConnection.

#ifndef GATEWAY_SVC_HTTP_WEBSOCKET_SESSION_H_
#define GATEWAY_SVC_HTTP_WEBSOCKET_SESSION_H_

#include <boost/asio/ip/tcp.hpp>
#include <memory>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/string_view.h"
#include "gateway-svc/http/client_connection.h"
#include "gateway-svc/http/firehose_request.h"
#include "gateway-svc/http/peer_liveness.h"
#include "gateway-svc/http/start_lookup.h"
#include "gateway-svc/http/token_bucket.h"
#include "gateway-svc/websocket/connection.h"
#include "gateway-svc/websocket/deflate_extension.h"

namespace gateway {

class WebSocketSession : public ClientConnection, private ConnectionEvents {
 public:
  // The handshake was answered. `host` outlives it. A `request` that is an error is told in-band, because browsers hide
  // the answer of a failed handshake.
  WebSocketSession(ClientHost& host, boost::asio::ip::tcp::socket socket, absl::StatusOr<FirehoseRequest> request,
                   const DeflateAgreement& deflate);
  ~WebSocketSession() override;

  // `early` came behind the handshake. The session has been added to its host.
  void Start(std::string early);

 private:
  // What is needed until the stream begins.
  struct Opening {
    absl::StatusOr<FirehoseRequest> request;
    std::vector<std::string> messages;  // that came before hello
    size_t message_bytes = 0;
  };

  // ConnectionEvents
  void OnMessage(bool text, std::string payload) override;
  void OnPong(absl::string_view payload) override;
  void OnControlFrame(std::string frame) override;

  // ClientConnection
  std::string Encode(absl::string_view json, absl::string_view cursor) override;
  void OnReceived(absl::Span<char> bytes, Uptime now) override;
  void PushEnd(const CloseCode& code, absl::string_view reason) override { connection_.Close(code.code, reason); }
  bool peer_is_done() const override { return connection_.disconnect(); }
  Uptime CheckPeer(Uptime now) override;
  void OnDrained(Uptime now) override { peer_.OnDrained(now); }
  const char* transport() const override { return window_bits_ > 0 ? "websocket+deflate" : "websocket"; }
  const char* end_of_peer() const override { return connection_.close_received() ? "client" : "lost"; }
  FrameFormat& frame_format() override;

  void OnStart(const FoundStart& found);
  std::string PingPayload() const { return absl::StrCat(pings_); }
  // Takes from the allowance of frames that the client may send.
  bool Admit();

  const int window_bits_;  // of what is sent compressed; 0: nothing is
  Connection connection_;
  PeerLiveness peer_;
  uint32_t pings_ = 0;  // that were sent
  TokenBucket allowance_;
  std::unique_ptr<Opening> opening_;
};

}  // namespace gateway

#endif  // GATEWAY_SVC_HTTP_WEBSOCKET_SESSION_H_
