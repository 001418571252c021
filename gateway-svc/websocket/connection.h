// One WebSocket connection's protocol, without the socket: bytes in, messages and frames to send out.
//
// Pings are answered, a Close is answered once, an error of the peer is answered with a Close that says which. The
// owner sends the frames in the order in which it gets them, reads until disconnect() and then ends the transport.
// Not thread safe. An idle one holds no memory beyond itself.

#ifndef GATEWAY_SVC_WEBSOCKET_CONNECTION_H_
#define GATEWAY_SVC_WEBSOCKET_CONNECTION_H_

#include <cstddef>
#include <cstdint>
#include <string>

#include "absl/strings/string_view.h"
#include "absl/types/span.h"
#include "gateway-svc/websocket/close_code.h"
#include "gateway-svc/websocket/frame_codec.h"
#include "gateway-svc/websocket/message_assembler.h"
#include "gateway-svc/websocket/message_inflater.h"

namespace gateway {

struct ConnectionLimits {
  // Of a frame's payload, as it is on the wire.
  size_t frame_bytes_max = 4 * 1024;
  // Of a message's payload, inflated if it was compressed.
  size_t message_bytes_max = 64 * 1024;
};

class ConnectionEvents {
 public:
  virtual ~ConnectionEvents() = default;
  // A message of the peer. Not called once a Close was sent or received.
  virtual void OnMessage(bool text, std::string payload) = 0;
  virtual void OnPong(absl::string_view payload) = 0;
  // A pong or Close frame to send, ahead of data that is not yet on its way.
  virtual void OnControlFrame(std::string frame) = 0;
};

class Connection {
 public:
  // `events` must outlive the connection; it is called from within Receive and Close only. With an `inflater`, which
  // must outlive it too and may be shared with others of the thread, permessage-deflate is agreed and messages may come
  // compressed; what is sent compressed is the owner's affair.
  Connection(const ConnectionLimits& limits, ConnectionEvents& events, MessageInflater* inflater = nullptr);

  // Takes bytes from the peer; unmasks in place.
  void Receive(absl::Span<char> bytes);

  // Sends a Close frame unless one was sent.
  void Close(uint16_t code, absl::string_view reason);

  // No data frame may follow a Close frame.
  bool close_sent() const { return close_sent_; }
  bool close_received() const { return close_received_; }
  // Nothing more is to be exchanged: when the frames given are sent, the transport ends.
  bool disconnect() const { return failed() || (close_sent_ && close_received_); }
  // The peer broke the protocol.
  bool failed() const { return failure_ != nullptr; }
  // How; null while it did not. A constant, valid for ever.
  const ProtocolError* failure() const { return failure_; }
  // Of the peer's Close frame, 1005 when it had none; of our error when it failed.
  uint16_t close_code() const { return close_code_; }

 private:
  void Handle(MessageAssembler::Result result);
  void Fail(const ProtocolError& error);

  ConnectionEvents& events_;
  FrameParser parser_;
  MessageAssembler assembler_;
  const ProtocolError* failure_ = nullptr;
  uint16_t close_code_ = 0;
  bool close_sent_ = false;
  bool close_received_ = false;
};

}  // namespace gateway

#endif  // GATEWAY_SVC_WEBSOCKET_CONNECTION_H_
