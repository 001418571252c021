// One WebSocket client of the firehose, on its shard's thread.
//
// It pulls: when the socket has taken everything, the client's cursor is asked for the next bytes, at most
// write_bytes_max, and they leave in one gather write. What the socket does not take waits in the send window; nothing
// is pulled meanwhile, so a client's memory is bounded however far behind it is.
//
// Life: Start -> (the log is asked for the start) -> hello, events … -> a Close frame of one side -> the other's ->
// gone. Every end passes through Finish.

#ifndef GATEWAY_SVC_HTTP_WEBSOCKET_SESSION_H_
#define GATEWAY_SVC_HTTP_WEBSOCKET_SESSION_H_

#include <boost/asio/ip/tcp.hpp>
#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "gateway-svc/http/client_host.h"
#include "gateway-svc/http/firehose_request.h"
#include "gateway-svc/http/frame_allowance.h"
#include "gateway-svc/http/peer_liveness.h"
#include "gateway-svc/http/send_window.h"
#include "gateway-svc/http/start_position.h"
#include "gateway-svc/hub/client_cursor.h"
#include "gateway-svc/hub/page_reader.h"
#include "gateway-svc/websocket/close_code.h"
#include "gateway-svc/websocket/connection.h"

namespace gateway {

class WebSocketSession : public ShardClient,
                         public std::enable_shared_from_this<WebSocketSession>,
                         private ConnectionEvents {
 public:
  // The handshake was answered. `host` outlives it. A `request` that is an error is told in-band, because browsers hide
  // the answer of a failed handshake.
  WebSocketSession(ClientHost& host, boost::asio::ip::tcp::socket socket, absl::StatusOr<FirehoseRequest> request);
  ~WebSocketSession() override;

  // `early` came behind the handshake. The session has been added to its host.
  void Start(std::string early);

  void OnRingChanged() override;
  void OnTick(Uptime now) override;
  void Drain(absl::Duration spread) override;
  void Abort() override { Finish("restart"); }

 private:
  enum class Phase { kStarting, kStreaming, kClosing, kFinished };

  // ConnectionEvents
  void OnMessage(bool text, std::string payload) override;
  void OnPong(absl::string_view payload) override;
  void OnControlFrame(std::string frame) override;

  void TakePosition(const StartPosition& position);
  void AskLog(const StartPosition& position);
  void OnLogAnswered(StartPosition::Kind asked, const absl::StatusOr<LogPosition>& found);
  void Begin(int64_t next_offset);
  // A call on the shard's thread, if the session still lives by then; the result may be called on any thread.
  std::function<void()> OnShard(void (WebSocketSession::*method)());

  void WaitReadable();
  void OnReadable();
  void Received(absl::Span<char> bytes);
  // Takes from the allowance of frames that the client may send.
  bool Admit();

  // Sends what it can, pulls when there is nothing, waits when the socket is full.
  void Pump();
  void Fill();
  // The log answered a cold read.
  void OnPage();
  // False when the socket takes no more now.
  bool Send();
  void WaitWritable();
  void PushText(absl::string_view text);
  void RefuseMessage();

  // Pings the client when it is time; ends it when it is gone.
  void CheckPeer(Uptime now);
  // Ends in words: an `error` in-band unless `error_code` is empty, then a Close frame with the resume cursor.
  void End(const CloseCode& code, absl::string_view error_code, absl::string_view message);
  void AfterSending();
  void Finish(absl::string_view reason);
  std::string ResumeCursor(int64_t next_offset) const;

  ClientHost& host_;
  boost::asio::ip::tcp::socket socket_;
  const absl::StatusOr<FirehoseRequest> request_;
  Connection connection_;
  SendWindow window_;
  std::optional<ClientCursor> cursor_;
  Phase phase_ = Phase::kStarting;
  const char* reason_ = "";       // why it ends, when it does; empty: the client's doing
  bool live_ = false;             // the client was told that it is
  bool page_due_ = false;         // a cold read is under way: OnPage comes
  bool read_failed_ = false;      // it is tried again at the next tick
  bool more_ = true;              // there may be something to pull, whatever the ring does
  bool ring_changed_ = false;     // since the last pull
  bool message_refused_ = false;  // before hello: said behind it
  bool waiting_writable_ = false;
  bool pump_posted_ = false;
  bool shut_down_ = false;

  Uptime phase_since_;
  Uptime last_progress_;  // the socket took bytes, or got the first ones
  Uptime last_message_;   // something was queued for the client
  PeerLiveness peer_;
  FrameAllowance allowance_;
  std::optional<Uptime> drain_at_;
};

}  // namespace gateway

#endif  // GATEWAY_SVC_HTTP_WEBSOCKET_SESSION_H_
