// The connection of one client of the firehose, whatever the wire: its socket, what waits for it, its deadlines, and
// its end. The wire's protocol is in a class derived from it; what the client gets is its ClientStream's. On its
// shard's thread.
//
// When the socket has taken everything the stream fills the window anew, and it leaves in one write. What the socket
// does not take waits; nothing is filled in meanwhile.
//
// Life: starting -> streaming -> closing (our last bytes leave, the peer's are awaited) -> finished. Every end passes
// through Finish.

#ifndef GATEWAY_SVC_HTTP_CLIENT_CONNECTION_H_
#define GATEWAY_SVC_HTTP_CLIENT_CONNECTION_H_

#include <boost/asio/ip/tcp.hpp>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>

#include "absl/strings/string_view.h"
#include "absl/types/span.h"
#include "gateway-svc/http/client_host.h"
#include "gateway-svc/http/client_stream.h"
#include "gateway-svc/http/send_window.h"
#include "gateway-svc/http/stream_sink.h"
#include "gateway-svc/websocket/close_code.h"

namespace gateway {

class ClientConnection : public ShardClient,
                         public std::enable_shared_from_this<ClientConnection>,
                         protected StreamSink {
 public:
  void OnRingChanged(Uptime now) override;
  void OnTurn(Uptime now) override;
  void OnPage() override { stream_.OnPage(); }
  void OnTimer(Uptime now) override;
  void Drain(absl::Duration spread) override;
  void Kick() override { EndStream(kCloseKicked, "KICKED", kCloseKicked.text); }
  void Abort() override { Finish("restart"); }
  absl::string_view id() const override { return id_; }
  ClientInfo Describe() const override;
  int64_t behind_events() const override { return stream_.behind_events(); }

 protected:
  enum class Phase : uint8_t { kStarting, kStreaming, kClosing, kFinished };

  // `host` outlives it.
  ClientConnection(ClientHost& host, boost::asio::ip::tcp::socket socket);
  ~ClientConnection() override;

  // What the wire's protocol adds. A message of this client only; `cursor` is the place that it brings the client to.
  virtual std::string Encode(absl::string_view json, absl::string_view cursor) = 0;
  // Bytes came; may be changed in place.
  virtual void OnReceived(absl::Span<char> bytes, Uptime now) = 0;
  // The last bytes of the stream, behind what is in the window.
  virtual void PushEnd(const CloseCode& code, absl::string_view reason) = 0;
  // Whether the peer has said all that is to come before the transport ends.
  virtual bool peer_is_done() const = 0;
  // Sends a sign of life when it is due, and says when to look again; ends a peer that is gone.
  virtual Uptime CheckPeer(Uptime now) = 0;
  // Our socket was full and takes bytes again.
  virtual void OnDrained(Uptime now) {}
  // The connection has ended.
  virtual void OnFinished() {}
  virtual const char* transport() const = 0;
  virtual const char* end_of_peer() const = 0;  // the reason when the peer ends the transport

  // The socket is set up; reads from now on.
  void StartReading();
  // Begins the stream.
  void BeginStream(const FirehoseRequest& request, const EndPosition& end, int64_t next_offset, const RingState& state);
  // From starting or streaming to closing, `reason` said or null where the peer began it.
  void BeginClosing(const char* reason, Uptime now);
  void Received(absl::Span<char> bytes);
  // Bytes of this client only.
  void PushOwn(std::string bytes);
  void PushControl(std::string frame);
  void DropUnsent() { window_.DropUnsent(); }
  // Sends what it can, fills when there is nothing, waits when the socket is full.
  void Pump();
  void Finish(const char* reason);

  // StreamSink
  void PushMessage(absl::string_view json, absl::string_view cursor) override { PushOwn(Encode(json, cursor)); }
  void PushFrame(SharedFramePtr frame) override { window_.PushFrame(std::move(frame)); }
  size_t pending_bytes() const override { return window_.bytes(); }
  std::optional<int64_t> first_unsent_offset() const override { return window_.first_unsent_offset(); }
  void EndStream(const CloseCode& code, absl::string_view error_code, absl::string_view message) override;
  void WakeAt(absl::Duration when) override { host_.WakeAt(*this, when); }
  void AskTurn() override { host_.GoOn(*this); }
  void AwaitPage(int64_t page_start) override { host_.AwaitPage(*this, page_start); }

  ClientHost& host() { return host_; }
  Phase phase() const { return phase_; }
  ClientStream& stream() { return stream_; }
  int native_handle() const { return fd_; }

 private:
  void WaitReadable();
  void OnReadable();
  void WaitWritable();
  // Sends the window and fills it, until nothing is left or the socket is full.
  void PumpNow(Uptime now);
  // Not who awaits a turn for events. Who awaits it for something else, a page that was asked for, gets its events.
  bool MayFill() const { return !wants_turn() || !stream_.more(); }
  // False when the socket takes no more now, or is gone.
  bool Send(Uptime now);
  void TookBytes(size_t bytes, Uptime now);
  void AfterSending();
  void CheckProgress(Uptime now);
  Uptime closing_deadline() const;
  std::string ResumeCursor(std::optional<int64_t> next_offset) const;

  // What a round of the shard looks at comes first.
  ClientHost& host_;
  Phase phase_ = Phase::kStarting;
  bool waiting_writable_ = false;
  bool shut_down_ = false;
  bool lag_told_ = false;
  bool ends_in_turn_ = false;  // closing: what is in the window is still the client's
  int fd_;
  SendWindow window_;
  ClientStream stream_;
  Uptime last_progress_;       // the window was empty, or the socket had taken enough since
  size_t progress_bytes_ = 0;  // taken since then
  int64_t bytes_sent_ = 0;
  int64_t bytes_received_ = 0;

  boost::asio::ip::tcp::socket socket_;
  const std::string id_;
  const Uptime since_;
  Uptime phase_since_;
  std::optional<Uptime> drain_at_;
  std::optional<int64_t> given_until_;  // when it ends: everything before was given
  const char* reason_ = nullptr;        // why it ends, when it does; null: the peer's doing
};

}  // namespace gateway

#endif  // GATEWAY_SVC_HTTP_CLIENT_CONNECTION_H_
