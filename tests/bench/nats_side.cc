#include "tests/bench/nats_side.h"

#include <utility>
#include <vector>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/string_view.h"
#include "glog/logging.h"
#include "tests/bench/broadcast_events.h"

namespace eventlog::bench {
namespace {

constexpr char kConnect[] = "CONNECT {\"verbose\":false,\"pedantic\":false}\r\n";

// A frame of a client. A mask of zeros changes nothing.
std::string ClientFrame(absl::string_view text) {
  CHECK_LT(text.size(), 126u);
  const char header[] = {'\x82', static_cast<char>(0x80 | text.size()), 0, 0, 0, 0};
  return absl::StrCat(absl::string_view(header, sizeof(header)), text);
}

std::vector<Opening> Subscribe(int) {
  return {{"GET / HTTP/1.1\r\nHost: 127.0.0.1\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
           "Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n\r\n",
           "INFO "},
          {ClientFrame(absl::StrCat(kConnect, "SUB bench 1\r\nPING\r\n")), "PONG"}};
}

}  // namespace

NatsSide::NatsSide(const std::string& folder, int clients, StubLogServer::RecordMaker record, size_t event_bytes_min)
    : FanoutSide(kFirstOffset, clients),
      record_(std::move(record)),
      server_(folder, NatsRole::kWebSocket),
      publisher_(server_.port()) {
  publisher_.ReadLine();  // INFO
  publisher_.Send(absl::StrCat(kConnect, "PING\r\n"));
  CHECK(absl::StartsWith(publisher_.ReadLine(), "PONG"));
  StreamReadersOptions readers;
  readers.port = server_.web_socket_port();
  readers.clients = clients;
  readers.event_bytes_min = event_bytes_min;
  readers.opening = Subscribe;
  readers.expected = [](int) { return Expected{kFirstOffset, 1}; };
  readers_ = std::make_unique<StreamReaders>(std::move(readers));
  readers_->AwaitOpen();
}

void NatsSide::Publish(int count) {
  std::string messages;
  for (int i = 0; i < count; ++i) {
    const std::string event = EventJson(record_(head() + i));
    absl::StrAppend(&messages, "PUB bench ", event.size(), "\r\n", event, "\r\n");
  }
  publisher_.Send(messages);
}

}  // namespace eventlog::bench
