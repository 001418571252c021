#include "gateway-svc/http/http_connection.h"

#include <boost/asio/buffer.hpp>
#include <boost/beast/core/buffers_to_string.hpp>
#include <boost/beast/http/read.hpp>
#include <boost/beast/http/write.hpp>
#include <utility>

#include "absl/status/status.h"
#include "gateway-svc/http/server_message.h"
#include "gateway-svc/http/websocket_session.h"
#include "gateway-svc/websocket/handshake.h"

namespace gateway {
namespace {

namespace http = boost::beast::http;
using boost::asio::ip::tcp;
using boost::system::error_code;

absl::string_view View(boost::beast::string_view text) { return {text.data(), text.size()}; }

}  // namespace

HttpConnection::HttpConnection(ClientHost& host, tcp::socket socket)
    : host_(host),
      socket_(std::move(socket)),
      buffer_(host.options().header_bytes_max + 1024),
      request_(absl::UnknownError("not read yet")),
      since_(UptimeNow()) {
  parser_.header_limit(static_cast<std::uint32_t>(host.options().header_bytes_max));
  // The firehose takes no body; one that is announced is refused before it comes.
  parser_.body_limit(0);
}

void HttpConnection::Start() {
  http::async_read_header(socket_, buffer_, parser_,
                          [self = shared_from_this()](error_code error, std::size_t) { self->OnHeader(error); });
}

void HttpConnection::OnTick(Uptime now) {
  if (now - since_ >= host_.options().handshake_deadline) Finish();
}

std::string HttpConnection::Header(http::field field) const {
  std::string joined;
  const auto [begin, end] = parser_.get().equal_range(field);
  for (auto it = begin; it != end; ++it) {
    if (it != begin) joined += ", ";
    joined.append(it->value().data(), it->value().size());
  }
  return joined;
}

void HttpConnection::OnHeader(const error_code& error) {
  if (finished_) return;
  if (!error) return Route();
  if (error == http::error::header_limit || error == http::error::buffer_overflow) {
    return Refuse(431, "HEADERS_TOO_LARGE", "the request's headers are too large");
  }
  if (error == http::error::body_limit) return Refuse(413, "BODY_NOT_ALLOWED", "a request here has no body");
  // Beast's own errors are the client's bad HTTP; others are the connection's.
  if (error.category() != http::make_error_code(http::error::bad_method).category() ||
      error == http::error::end_of_stream || error == http::error::partial_message) {
    return Finish();
  }
  Refuse(400, "BAD_HTTP", "this is not HTTP as it should be");
}

void HttpConnection::Route() {
  const absl::string_view target = View(parser_.get().target());
  const size_t mark = target.find('?');
  if (target.substr(0, mark) != kFirehosePath) {
    return Refuse(404, "NOT_FOUND", absl::string_view("there is nothing here; the stream is at /api/events/firehose"));
  }
  if (!parser_.is_done()) return Refuse(413, "BODY_NOT_ALLOWED", "a request here has no body");
  Firehose(mark == absl::string_view::npos ? absl::string_view() : target.substr(mark + 1));
}

void HttpConnection::Firehose(absl::string_view query) {
  const auto& message = parser_.get();
  const std::string host = Header(http::field::host), upgrade = Header(http::field::upgrade);
  const std::string connection = Header(http::field::connection), key = Header(http::field::sec_websocket_key);
  const std::string version = Header(http::field::sec_websocket_version);
  const std::string protocols = Header(http::field::sec_websocket_protocol);
  const std::string origin = Header(http::field::origin);
  HandshakeRequest handshake;
  handshake.method = View(message.method_string());
  handshake.http_1_1 = message.version() == 11;
  handshake.host = host;
  handshake.upgrade = upgrade;
  handshake.connection = connection;
  handshake.key = key;
  handshake.version = version;
  handshake.protocols = protocols;
  absl::StatusOr<FirehoseRequest> request = ParseFirehoseRequest(query);
  if (!WantsWebSocket(handshake) && handshake.method == "GET" && !request.ok()) {
    return Refuse(400, "BAD_REQUEST", {request.status().message().data(), request.status().message().size()});
  }
  if (!host_.options().origins.Allows(origin, host)) {
    return Refuse(403, "ORIGIN_NOT_ALLOWED", "pages of this origin may not open the stream; see --allowed_origins");
  }
  const HandshakeAnswer answer = AnswerHandshake(handshake, kSubprotocol);
  if (answer.status != 101) return Refuse(static_cast<unsigned>(answer.status), "NO_WEBSOCKET", answer.message);
  Upgrade(answer.accept, answer.subprotocol, std::move(request));
}

void HttpConnection::Upgrade(const std::string& accept, const std::string& subprotocol,
                             absl::StatusOr<FirehoseRequest> request) {
  request_ = std::move(request);
  response_.result(http::status::switching_protocols);
  response_.version(11);
  response_.set(http::field::upgrade, "websocket");
  response_.set(http::field::connection, "Upgrade");
  response_.set(http::field::sec_websocket_accept, accept);
  if (!subprotocol.empty()) response_.set(http::field::sec_websocket_protocol, subprotocol);
  Write(/*upgrade=*/true);
}

void HttpConnection::Refuse(unsigned status, absl::string_view code, absl::string_view message) {
  host_.counters().requests_refused.fetch_add(1, std::memory_order_relaxed);
  response_.result(status);
  response_.version(11);
  response_.set(http::field::content_type, "application/json");
  response_.set(http::field::cache_control, "no-store");
  if (status == 426) {
    response_.set(http::field::upgrade, "websocket");
    response_.set(http::field::sec_websocket_version, "13");
  }
  if (status == 405) response_.set(http::field::allow, "GET");
  response_.keep_alive(false);
  response_.body() = ErrorMessage(code, message, /*retry=*/false, "") + "\n";
  response_.prepare_payload();
  Write(/*upgrade=*/false);
}

void HttpConnection::Write(bool upgrade) {
  http::async_write(socket_, response_, [self = shared_from_this(), upgrade](error_code error, std::size_t) {
    if (self->finished_) return;
    if (error) return self->Finish();
    if (!upgrade) return self->Linger();
    self->finished_ = true;
    auto session = std::make_shared<WebSocketSession>(self->host_, std::move(self->socket_), std::move(self->request_));
    self->host_.Replace(self.get(), session);
    session->Start(boost::beast::buffers_to_string(self->buffer_.data()));
  });
}

void HttpConnection::Linger() {
  // What the client still sends is read away, or closing would reset the connection and could take the answer from it.
  // The handshake's deadline ends it in any case.
  error_code ignored;
  socket_.shutdown(tcp::socket::shutdown_send, ignored);
  const absl::Span<char> buffer = host_.read_buffer();
  socket_.async_wait(tcp::socket::wait_read, [self = shared_from_this(), buffer](error_code error) {
    if (self->finished_) return;
    error_code read_error = error;
    if (!error) self->socket_.read_some(boost::asio::buffer(buffer.data(), buffer.size()), read_error);
    if (read_error) return self->Finish();
    self->Linger();
  });
}

void HttpConnection::Finish() {
  if (finished_) return;
  finished_ = true;
  const std::shared_ptr<HttpConnection> self = shared_from_this();
  error_code ignored;
  socket_.close(ignored);
  host_.Remove(this);
}

}  // namespace gateway
