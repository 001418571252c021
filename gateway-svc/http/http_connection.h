// One HTTP request on a fresh connection, on its shard's thread: answered and closed, or handed over to a
// WebSocketSession or an SseSession.

#ifndef GATEWAY_SVC_HTTP_HTTP_CONNECTION_H_
#define GATEWAY_SVC_HTTP_HTTP_CONNECTION_H_

#include <boost/asio/ip/tcp.hpp>
#include <boost/beast/core/flat_buffer.hpp>
#include <boost/beast/http/empty_body.hpp>
#include <boost/beast/http/parser.hpp>
#include <boost/beast/http/string_body.hpp>
#include <memory>
#include <string>

#include "absl/status/statusor.h"
#include "gateway-svc/http/client_host.h"
#include "gateway-svc/http/firehose_request.h"
#include "gateway-svc/http/start_lookup.h"
#include "gateway-svc/http/start_position.h"
#include "gateway-svc/websocket/handshake.h"

namespace gateway {

inline constexpr char kFirehosePath[] = "/api/events/firehose";

class HttpConnection : public ShardClient, public std::enable_shared_from_this<HttpConnection> {
 public:
  // `host` outlives it.
  HttpConnection(ClientHost& host, boost::asio::ip::tcp::socket socket);

  // Has been added to its host.
  void Start();

  void OnRingChanged(Uptime now) override {}
  void OnTimer(Uptime now) override;
  void Drain(absl::Duration spread) override { Finish("restart"); }
  void Kick() override { Finish("kicked"); }
  void Abort() override { Finish("restart"); }
  ClientInfo Describe() const override;

 private:
  using Response = boost::beast::http::response<boost::beast::http::string_body>;

  void OnHeader(const boost::system::error_code& error);
  void Route();
  // `query` is what stands behind the '?'.
  void Firehose(absl::string_view query);
  void Upgrade(const HandshakeRequest& handshake);
  // Server-sent events, or only what they would begin with.
  void FindPlace();
  void OnPlace(const FoundStart& found);
  void StreamEvents(const EndPosition& end, int64_t next_offset, const RingState& state);
  // An error that an EventSource could not see in a status.
  void RefuseInBand(const StartRefusal& refusal);
  void Refuse(unsigned status, absl::string_view code, absl::string_view message, const char* reason = "refused");
  void Answer(unsigned status, std::string content_type, std::string body);
  void WriteResponse();
  void Linger();
  void Finish(const char* reason);
  // All values of a header, joined.
  std::string Header(boost::beast::string_view name) const;

  ClientHost& host_;
  boost::asio::ip::tcp::socket socket_;
  boost::beast::flat_buffer buffer_;
  boost::beast::http::request_parser<boost::beast::http::empty_body> parser_;
  Response response_;
  absl::StatusOr<FirehoseRequest> request_;
  std::string origin_;         // that was allowed; empty: no page's
  std::string event_head_;     // of the answer that streams
  bool wants_events_ = false;  // Accept: text/event-stream
  bool resumes_ = false;       // Last-Event-ID was given
  bool finding_ = false;       // the log is asked for the place
  const Uptime since_;
  const char* answered_ = nullptr;  // as what it is counted when it ends
  bool finished_ = false;
};

}  // namespace gateway

#endif  // GATEWAY_SVC_HTTP_HTTP_CONNECTION_H_
