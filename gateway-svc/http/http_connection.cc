#include "gateway-svc/http/http_connection.h"

#include <boost/asio/buffer.hpp>
#include <boost/asio/write.hpp>
#include <boost/beast/core/buffers_to_string.hpp>
#include <boost/beast/http/read.hpp>
#include <boost/beast/http/write.hpp>
#include <utility>

#include "absl/status/status.h"
#include "absl/strings/ascii.h"
#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "gateway-svc/http/server_message.h"
#include "gateway-svc/http/sse_format.h"
#include "gateway-svc/http/sse_session.h"
#include "gateway-svc/http/stream_hello.h"
#include "gateway-svc/http/websocket_session.h"
#include "gateway-svc/hub/counter.h"

namespace gateway {
namespace {

namespace http = boost::beast::http;
using boost::asio::ip::tcp;
using boost::system::error_code;

constexpr char kJson[] = "application/json";
constexpr char kEventStream[] = "text/event-stream";

absl::string_view View(boost::beast::string_view text) { return {text.data(), text.size()}; }
absl::string_view Words(const absl::Status& status) { return {status.message().data(), status.message().size()}; }

unsigned StatusOf(const CloseCode& code) { return code.comeback == Comeback::kNever ? 400 : 503; }

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
  host_.WakeAt(*this, since_ + host_.options().handshake_deadline);
  http::async_read_header(socket_, buffer_, parser_,
                          [self = shared_from_this()](error_code error, std::size_t) { self->OnHeader(error); });
}

void HttpConnection::OnTimer(Uptime now) {
  const Uptime deadline = since_ + host_.options().handshake_deadline;
  if (now < deadline) return host_.WakeAt(*this, deadline);
  if (!finding_) return Finish(answered_ != nullptr ? answered_ : "handshake_timeout");
  finding_ = false;
  host_.WakeAt(*this, now + host_.options().handshake_deadline);
  Refuse(503, "UPSTREAM_UNAVAILABLE", "the log did not say in time where to start: try again later", "no_upstream");
}

ClientInfo HttpConnection::Describe() const {
  ClientInfo info;
  info.transport = "http";
  info.phase = answered_ != nullptr ? "closing" : "handshake";
  info.age = UptimeNow() - since_;
  return info;
}

std::string HttpConnection::Header(boost::beast::string_view name) const {
  std::string joined;
  const auto [begin, end] = parser_.get().equal_range(name);
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
    return Refuse(431, "HEADERS_TOO_LARGE", "the request's headers are too large", "headers_too_large");
  }
  if (error == http::error::body_limit) return Refuse(413, "BODY_NOT_ALLOWED", "a request here has no body");
  // Beast's own errors are the client's bad HTTP; others are the connection's.
  if (error.category() != http::make_error_code(http::error::bad_method).category() ||
      error == http::error::end_of_stream || error == http::error::partial_message) {
    return Finish("lost");
  }
  Refuse(400, "BAD_HTTP", "this is not HTTP as it should be", "bad_http");
}

void HttpConnection::Route() {
  const absl::string_view target = View(parser_.get().target());
  const size_t mark = target.find('?');
  if (target.substr(0, mark) != kFirehosePath) {
    return Refuse(404, "NOT_FOUND", "there is nothing here; the stream is at /api/events/firehose");
  }
  if (!parser_.is_done()) return Refuse(413, "BODY_NOT_ALLOWED", "a request here has no body");
  Firehose(mark == absl::string_view::npos ? absl::string_view() : target.substr(mark + 1));
}

void HttpConnection::Firehose(absl::string_view query) {
  const std::string host = Header("Host"), upgrade = Header("Upgrade"), connection = Header("Connection");
  const std::string key = Header("Sec-WebSocket-Key"), version = Header("Sec-WebSocket-Version");
  const std::string protocols = Header("Sec-WebSocket-Protocol"), last_event_id = Header("Last-Event-ID");
  const std::string extensions = Header("Sec-WebSocket-Extensions");
  origin_ = Header("Origin");
  if (!host_.options().origins.Allows(origin_, host)) {
    origin_.clear();
    return Refuse(403, "ORIGIN_NOT_ALLOWED", "pages of this origin may not open the stream; see --allowed_origins");
  }
  HandshakeRequest handshake;
  handshake.method = View(parser_.get().method_string());
  handshake.http_1_1 = parser_.get().version() == 11;
  handshake.host = host;
  handshake.upgrade = upgrade;
  handshake.connection = connection;
  handshake.key = key;
  handshake.version = version;
  handshake.protocols = protocols;
  handshake.extensions = extensions;
  const bool websocket = WantsWebSocket(handshake);
  request_ = ParseFirehoseRequest(query, websocket ? "" : last_event_id);
  if (websocket) return Upgrade(handshake);
  if (handshake.method != "GET") return Refuse(405, "METHOD_NOT_ALLOWED", "the stream is read with GET");
  if (host.empty() && handshake.http_1_1) return Refuse(400, "BAD_HTTP", "the header Host is missing", "bad_http");
  if (origin_.empty() && !host.empty() && !host_.options().origins.AllowsHost(host)) {
    return Refuse(
        403, "HOST_NOT_ALLOWED",
        "a name may be anybody's who lets it point here: use an IP address or localhost, or --allowed_origins");
  }
  wants_events_ = absl::StrContains(absl::AsciiStrToLower(Header("Accept")), kEventStream);
  resumes_ = !last_event_id.empty();
  if (wants_events_ && !handshake.http_1_1) {
    return Refuse(505, "HTTP_TOO_OLD", "server-sent events need HTTP/1.1 (a proxy too: proxy_http_version 1.1)");
  }
  FindPlace();
}

void HttpConnection::Upgrade(const HandshakeRequest& handshake) {
  const HandshakeAnswer answer = AnswerHandshake(handshake, kSubprotocol, host_.options().deflate);
  if (answer.status != 101) return Refuse(static_cast<unsigned>(answer.status), "NO_WEBSOCKET", answer.message);
  response_.result(http::status::switching_protocols);
  response_.version(11);
  response_.set(http::field::upgrade, "websocket");
  response_.set(http::field::connection, "Upgrade");
  response_.set(http::field::sec_websocket_accept, answer.accept);
  if (!answer.subprotocol.empty()) response_.set(http::field::sec_websocket_protocol, answer.subprotocol);
  if (answer.deflate.agreed) response_.set(http::field::sec_websocket_extensions, answer.deflate.response_header);
  host_.counters().CountResponse(101);
  http::async_write(socket_, response_, [self = shared_from_this(), answer](error_code error, std::size_t) {
    if (self->finished_) return;
    if (error) return self->Finish("lost");
    self->finished_ = true;
    auto session = std::make_shared<WebSocketSession>(self->host_, std::move(self->socket_), std::move(self->request_),
                                                      answer.deflate);
    self->host_.Replace(self.get(), session);
    session->Start(boost::beast::buffers_to_string(self->buffer_.data()));
  });
}

void HttpConnection::FindPlace() {
  if (host_.budget().exceeded()) {
    return RefuseInBand({kCloseOverloaded, "OVERLOADED", "too many connections: try again later"});
  }
  if (!request_.ok()) return RefuseInBand({kCloseBadRequest, "BAD_REQUEST", std::string(Words(request_.status()))});
  finding_ = true;
  FindStart(host_, request_->start, weak_from_this(), [this](const FoundStart& found) { OnPlace(found); });
}

void HttpConnection::OnPlace(const FoundStart& found) {
  if (finished_ || !std::exchange(finding_, false)) return;
  const StartPosition& position = found.position;
  const RingState& state = found.state;
  EndPosition end = DecideEnd(request_->until, state);
  if (position.kind == StartPosition::Kind::kRefused) end.refusal = position.refusal;
  if (end.refusal.has_value()) return RefuseInBand(*end.refusal);
  if (!wants_events_) {
    return Answer(200, kJson, HelloMessage(MakeHello(host_.options(), state, *request_, end, position.offset)) + "\n");
  }
  // A browser connects again after the end; this tells it that the end it was.
  if (resumes_ && position.offset >= end.offset) return Answer(204, "", "");
  if (!resumes_ || end.time > absl::Now()) return StreamEvents(end, position.offset, state);
  finding_ = true;
  StartCursor time;
  time.kind = StartCursor::Kind::kTime;
  time.time = end.time;
  FindStart(host_, time, weak_from_this(),
            [this, end, state, next_offset = position.offset](const FoundStart& time_found) {
              if (finished_ || !std::exchange(finding_, false)) return;
              const StartPosition& place = time_found.position;
              if (place.kind == StartPosition::Kind::kRefused) return RefuseInBand(place.refusal);
              if (next_offset >= place.offset) return Answer(204, "", "");
              StreamEvents(end, next_offset, state);
            });
}

void HttpConnection::StreamEvents(const EndPosition& end, int64_t next_offset, const RingState& state) {
  event_head_ =
      "HTTP/1.1 200 OK\r\nContent-Type: text/event-stream\r\nCache-Control: no-store\r\nX-Accel-Buffering: no\r\n"
      "Connection: close\r\nTransfer-Encoding: chunked\r\n";
  if (!origin_.empty()) {
    absl::StrAppend(&event_head_, "Access-Control-Allow-Origin: ", origin_, "\r\nVary: Origin\r\n");
  }
  event_head_ += "\r\n";
  host_.counters().CountResponse(200);
  boost::asio::async_write(socket_, boost::asio::buffer(event_head_),
                           [self = shared_from_this(), end, next_offset, state](error_code error, std::size_t) {
                             if (self->finished_) return;
                             if (error) return self->Finish("lost");
                             self->finished_ = true;
                             auto session = std::make_shared<SseSession>(self->host_, std::move(self->socket_));
                             self->host_.Replace(self.get(), session);
                             session->Start(*self->request_, end, next_offset, state);
                           });
}

void HttpConnection::RefuseInBand(const StartRefusal& refusal) {
  ErrorDetails details;
  details.retry = refusal.code.comeback != Comeback::kNever;
  const std::string error = ErrorMessage(refusal.error_code, refusal.message, details);
  Count(host_.counters().requests_refused);
  answered_ = refusal.code.name;
  if (!wants_events_) return Answer(StatusOf(refusal.code), kJson, error + "\n");
  Answer(200, kEventStream, absl::StrCat("retry: ", SseRetryMs(refusal.code.comeback), "\n", SseEvent(error, "")));
}

void HttpConnection::Refuse(unsigned status, absl::string_view code, absl::string_view message, const char* reason) {
  Count(host_.counters().requests_refused);
  answered_ = reason;
  if (status == 426) {
    response_.set(http::field::upgrade, "websocket");
    response_.set(http::field::sec_websocket_version, "13");
  }
  if (status == 405) response_.set(http::field::allow, "GET");
  ErrorDetails details;
  details.retry = status == 503;
  Answer(status, kJson, ErrorMessage(code, message, details) + "\n");
}

void HttpConnection::Answer(unsigned status, std::string content_type, std::string body) {
  if (answered_ == nullptr) answered_ = "http";
  host_.counters().CountResponse(status);
  response_.result(status);
  response_.version(11);
  if (!content_type.empty()) response_.set(http::field::content_type, content_type);
  response_.set(http::field::cache_control, "no-store");
  if (!origin_.empty()) {
    response_.set(http::field::access_control_allow_origin, origin_);
    response_.set(http::field::vary, "Origin");
  }
  response_.keep_alive(false);
  response_.body() = std::move(body);
  response_.prepare_payload();
  // It says how long the answer to a GET would be, and has none (RFC 9110, 9.3.2).
  if (parser_.get().method() == http::verb::head) response_.body().clear();
  WriteResponse();
}

void HttpConnection::WriteResponse() {
  http::async_write(socket_, response_, [self = shared_from_this()](error_code error, std::size_t) {
    if (self->finished_) return;
    if (error) return self->Finish(self->answered_);
    self->Linger();
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
    if (read_error) return self->Finish(self->answered_);
    self->Linger();
  });
}

void HttpConnection::Finish(const char* reason) {
  if (finished_) return;
  finished_ = true;
  const std::shared_ptr<HttpConnection> self = shared_from_this();
  host_.Remove(this, reason);
  error_code ignored;
  socket_.close(ignored);
}

}  // namespace gateway
