// The opening handshake of RFC 6455, section 4, as a pure function of the request's headers.

#ifndef GATEWAY_SVC_WEBSOCKET_HANDSHAKE_H_
#define GATEWAY_SVC_WEBSOCKET_HANDSHAKE_H_

#include <string>

#include "absl/strings/string_view.h"
#include "gateway-svc/websocket/deflate_extension.h"

namespace gateway {

inline constexpr char kSubprotocol[] = "eventlog.v1.json";

// Header values as they came; a header that came more than once joined with ", ". Absent ones are empty.
struct HandshakeRequest {
  absl::string_view method;
  bool http_1_1 = true;
  absl::string_view host;
  absl::string_view upgrade;
  absl::string_view connection;
  absl::string_view key;
  absl::string_view version;
  absl::string_view protocols;
  absl::string_view extensions;
};

struct HandshakeAnswer {
  // 101, or why not: 400, 405, 426 (of another version; the answer carries Sec-WebSocket-Version: 13).
  int status = 0;
  std::string accept;       // Sec-WebSocket-Accept, with 101
  std::string subprotocol;  // Sec-WebSocket-Protocol, with 101; empty: no such header
  std::string message;      // in words, when not 101
  // Of permessage-deflate; its response_header is Sec-WebSocket-Extensions, with 101; empty: no such header.
  DeflateAgreement deflate;
};

// Whether the request asks for an upgrade to a WebSocket at all: otherwise it is plain HTTP.
bool WantsWebSocket(const HandshakeRequest& request);

// `subprotocol` is the one that the server speaks; empty: none is ever chosen. A client that offers only others is
// refused. With `deflate` permessage-deflate is agreed on with a client that offers it so that we can; it is the only
// extension that is ever accepted. Extensions that are malformed are refused either way.
HandshakeAnswer AnswerHandshake(const HandshakeRequest& request, absl::string_view subprotocol, bool deflate = false);

// Sec-WebSocket-Accept for a Sec-WebSocket-Key.
std::string AcceptKey(absl::string_view key);

}  // namespace gateway

#endif  // GATEWAY_SVC_WEBSOCKET_HANDSHAKE_H_
