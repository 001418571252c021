// One HTTP request on a fresh connection, on its shard's thread: answered and closed, or handed over to a
// WebSocketSession.

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

namespace gateway {

inline constexpr char kFirehosePath[] = "/api/events/firehose";

class HttpConnection : public ShardClient, public std::enable_shared_from_this<HttpConnection> {
 public:
  // `host` outlives it.
  HttpConnection(ClientHost& host, boost::asio::ip::tcp::socket socket);

  // Has been added to its host.
  void Start();

  void OnRingChanged() override {}
  void OnTick(Uptime now) override;
  void Drain(absl::Duration spread) override { Finish(); }
  void Abort() override { Finish(); }

 private:
  using Response = boost::beast::http::response<boost::beast::http::string_body>;

  void OnHeader(const boost::system::error_code& error);
  void Route();
  // `query` is what stands behind the '?'.
  void Firehose(absl::string_view query);
  void Upgrade(const std::string& accept, const std::string& subprotocol, absl::StatusOr<FirehoseRequest> request);
  void Refuse(unsigned status, absl::string_view code, absl::string_view message);
  void Write(bool upgrade);
  void Linger();
  void Finish();
  // All values of a header, joined.
  std::string Header(boost::beast::http::field field) const;

  ClientHost& host_;
  boost::asio::ip::tcp::socket socket_;
  boost::beast::flat_buffer buffer_;
  boost::beast::http::request_parser<boost::beast::http::empty_body> parser_;
  Response response_;
  absl::StatusOr<FirehoseRequest> request_;
  const Uptime since_;
  bool finished_ = false;
};

}  // namespace gateway

#endif  // GATEWAY_SVC_HTTP_HTTP_CONNECTION_H_
