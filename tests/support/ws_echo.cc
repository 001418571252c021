// An echo server on the gateway's WebSocket codec, for conformance suites and for clients written by others.
//
// ws://127.0.0.1:PORT/ sends every message back as it came; compressed where that was agreed on, be it larger then.
// One thread; a client whose echoes pile up is not read.

#include <array>
#include <boost/asio/buffer.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/signal_set.hpp>
#include <boost/asio/write.hpp>
#include <boost/beast/core/buffers_to_string.hpp>
#include <boost/beast/core/flat_buffer.hpp>
#include <boost/beast/http/empty_body.hpp>
#include <boost/beast/http/parser.hpp>
#include <boost/beast/http/read.hpp>
#include <boost/beast/http/string_body.hpp>
#include <boost/beast/http/write.hpp>
#include <cstdio>
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "absl/flags/flag.h"
#include "absl/flags/parse.h"
#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "gateway-svc/websocket/connection.h"
#include "gateway-svc/websocket/deflate_extension.h"
#include "gateway-svc/websocket/frame_codec.h"
#include "gateway-svc/websocket/handshake.h"
#include "gateway-svc/websocket/message_deflater.h"
#include "gateway-svc/websocket/message_inflater.h"

ABSL_FLAG(std::string, listen, "127.0.0.1:0", "IP:PORT; port 0 takes a free one");
ABSL_FLAG(bool, deflate, true, "agrees on permessage-deflate with clients that offer it");
ABSL_FLAG(size_t, inflate_ratio_max, 0, "a message may inflate to so many times its size; 0: to any");

namespace gateway {
namespace {

namespace asio = boost::asio;
namespace http = boost::beast::http;
using asio::ip::tcp;
using boost::system::error_code;

constexpr size_t kMessageBytesMax = 16 * 1024 * 1024;
constexpr size_t kReadBytes = 64 * 1024;
constexpr size_t kUnsentBytesMax = 2 * kMessageBytesMax;

// What all sessions share: no message depends on the one before it.
class Compression {
 public:
  MessageInflater& inflater() { return inflater_; }
  MessageDeflater& deflater(int window_bits) {
    std::unique_ptr<MessageDeflater>& deflater = deflaters_.at(static_cast<size_t>(window_bits));
    if (deflater == nullptr) {
      DeflateOptions options;
      options.window_bits = window_bits;
      deflater = std::make_unique<MessageDeflater>(options);
    }
    return *deflater;
  }

 private:
  MessageInflater inflater_{InflateLimits{absl::GetFlag(FLAGS_inflate_ratio_max), 64 * 1024}};
  std::array<std::unique_ptr<MessageDeflater>, kWindowBitsMax + 1> deflaters_;
};

class EchoSession : public std::enable_shared_from_this<EchoSession>, private ConnectionEvents {
 public:
  EchoSession(tcp::socket socket, Compression& compression)
      : socket_(std::move(socket)), compression_(compression), input_(kReadBytes) {}

  void Start() {
    error_code ignored;
    socket_.set_option(tcp::no_delay(true), ignored);
    http::async_read_header(socket_, head_, parser_, [self = shared_from_this()](error_code error, std::size_t) {
      if (!error) self->AnswerRequest();
    });
  }

 private:
  void OnMessage(bool text, std::string payload) override {
    const Opcode opcode = text ? Opcode::kText : Opcode::kBinary;
    unsent_ += deflater_ == nullptr ? EncodeFrame(opcode, payload)
                                    : EncodeFrame(opcode, deflater_->Deflate(payload), PayloadForm::kDeflated);
  }
  void OnPong(absl::string_view payload) override {}
  void OnControlFrame(std::string frame) override { unsent_ += frame; }

  // The values of a header that may come more than once, joined.
  std::string Header(http::field field) const {
    std::string joined;
    const auto [begin, end] = parser_.get().equal_range(field);
    for (auto it = begin; it != end; ++it) absl::StrAppend(&joined, it == begin ? "" : ", ", std::string(it->value()));
    return joined;
  }

  HandshakeAnswer Answer() const {
    const std::string method(parser_.get().method_string()), host = Header(http::field::host);
    const std::string upgrade = Header(http::field::upgrade), connection = Header(http::field::connection);
    const std::string key = Header(http::field::sec_websocket_key);
    const std::string version = Header(http::field::sec_websocket_version);
    const std::string extensions = Header(http::field::sec_websocket_extensions);
    const bool http_1_1 = parser_.get().version() == 11;
    const HandshakeRequest request{method, http_1_1, host, upgrade, connection, key, version, "", extensions};
    return AnswerHandshake(request, "", absl::GetFlag(FLAGS_deflate));
  }

  void AnswerRequest() {
    const HandshakeAnswer answer = Answer();
    const DeflateAgreement& deflate = answer.deflate;
    if (deflate.agreed) deflater_ = &compression_.deflater(deflate.server_window_bits);
    connection_.emplace(ConnectionLimits{DeflatedBytesMax(kMessageBytesMax), kMessageBytesMax},
                        static_cast<ConnectionEvents&>(*this), deflate.agreed ? &compression_.inflater() : nullptr);
    response_.version(11);
    response_.result(static_cast<unsigned>(answer.status));
    if (answer.status == 101) {
      response_.set(http::field::upgrade, "websocket");
      response_.set(http::field::connection, "Upgrade");
      response_.set(http::field::sec_websocket_accept, answer.accept);
      if (deflate.agreed) response_.set(http::field::sec_websocket_extensions, deflate.response_header);
    } else {
      response_.set(http::field::sec_websocket_version, "13");
      response_.keep_alive(false);
      response_.body() = answer.message;
      response_.prepare_payload();
    }
    http::async_write(socket_, response_, [self = shared_from_this()](error_code error, std::size_t) {
      if (error || self->response_.result_int() != 101) return;
      std::string early = boost::beast::buffers_to_string(self->head_.data());
      self->Received(absl::MakeSpan(&early[0], early.size()));
      self->Read();
    });
  }

  void Read() {
    if (reading_) return;
    reading_ = true;
    socket_.async_read_some(asio::buffer(input_), [self = shared_from_this()](error_code error, std::size_t size) {
      self->reading_ = false;
      if (error) return;
      self->Received(absl::MakeSpan(self->input_.data(), size));
      // A client that does not take its echoes is not read, so they do not pile up.
      if (self->unsent_.size() < kUnsentBytesMax) self->Read();
    });
  }

  void Received(absl::Span<char> bytes) {
    connection_->Receive(bytes);
    Write();
  }

  void Write() {
    if (writing_) return;
    if (unsent_.empty()) {
      // The client sees the end behind our last frame, and closes.
      error_code ignored;
      if (connection_->disconnect()) socket_.shutdown(tcp::socket::shutdown_send, ignored);
      return;
    }
    writing_ = true;
    sending_ = std::exchange(unsent_, "");
    asio::async_write(socket_, asio::buffer(sending_), [self = shared_from_this()](error_code error, std::size_t) {
      self->writing_ = false;
      if (error) return;
      self->Write();
      self->Read();
    });
  }

  tcp::socket socket_;
  Compression& compression_;
  MessageDeflater* deflater_ = nullptr;   // null: deflate is not agreed on
  std::optional<Connection> connection_;  // once the request is answered
  boost::beast::flat_buffer head_;
  http::request_parser<http::empty_body> parser_;
  http::response<http::string_body> response_;
  std::vector<char> input_;
  std::string unsent_;
  std::string sending_;
  bool reading_ = false;
  bool writing_ = false;
};

void Accept(tcp::acceptor& acceptor, Compression& compression) {
  acceptor.async_accept([&acceptor, &compression](error_code error, tcp::socket socket) {
    if (error == asio::error::operation_aborted) return;
    if (!error) std::make_shared<EchoSession>(std::move(socket), compression)->Start();
    Accept(acceptor, compression);
  });
}

int Run(const std::string& listen) {
  const size_t colon = listen.rfind(':');
  int port = 0;
  error_code error;
  const auto address = asio::ip::make_address(listen.substr(0, colon), error);
  if (error || colon == std::string::npos || !absl::SimpleAtoi(listen.substr(colon + 1), &port)) {
    std::fprintf(stderr, "ws_echo: --listen=%s is not IP:PORT\n", listen.c_str());
    return 2;
  }
  Compression compression;  // outlives the sessions, which go with the io_context
  asio::io_context io(1);
  tcp::acceptor acceptor(io);
  const tcp::endpoint endpoint(address, static_cast<uint16_t>(port));
  acceptor.open(endpoint.protocol(), error);
  if (!error) acceptor.set_option(tcp::acceptor::reuse_address(true), error);
  if (!error) acceptor.bind(endpoint, error);
  if (!error) acceptor.listen(asio::socket_base::max_listen_connections, error);
  if (error) {
    std::fprintf(stderr, "ws_echo: cannot listen on %s: %s\n", listen.c_str(), error.message().c_str());
    return 3;
  }
  asio::signal_set signals(io, SIGTERM, SIGINT);
  signals.async_wait([&io](error_code, int) { io.stop(); });
  Accept(acceptor, compression);
  std::fputs(absl::StrCat("ready ws=", listen.substr(0, colon), ":", acceptor.local_endpoint().port(), "\n").c_str(),
             stdout);
  std::fflush(stdout);
  io.run();
  return 0;
}

}  // namespace
}  // namespace gateway

int main(int argc, char** argv) {
  absl::ParseCommandLine(argc, argv);
  return gateway::Run(absl::GetFlag(FLAGS_listen));
}
