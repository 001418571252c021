#include "tests/bench/bare_side.h"

#include <cstdint>
#include <string>
#include <utility>
#include <vector>

#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/string_view.h"
#include "glog/logging.h"
#include "tests/bench/broadcast_events.h"

namespace eventlog::bench {
namespace {

int PortOf(const std::string& address) {
  int port = 0;
  CHECK(absl::SimpleAtoi(address.substr(address.rfind(':') + 1), &port)) << address;
  return port;
}

}  // namespace

BareSide::BareSide(const BareSideOptions& options)
    : FanoutSide(kFirstOffset, options.clients),
      record_(options.record),
      server_({"tests/bench/bare_fanout_server", absl::StrCat(options.threads)}),
      source_(PortOf(server_.Address("tcp"))) {
  StreamReadersOptions readers;
  readers.port = PortOf(server_.Address("tcp"));
  readers.clients = options.clients;
  readers.framing = Framing::kWebSocket;
  readers.event_bytes_min = options.event_bytes_min;
  readers.timed = options.timed;
  readers.opening = [](int) { return std::vector<Opening>{{"", "\"hello\""}}; };
  readers.expected = [](int) { return Expected{kFirstOffset, 1}; };
  readers_ = std::make_unique<StreamReaders>(std::move(readers));
  readers_->AwaitOpen();
}

void BareSide::Publish(int count) {
  std::vector<std::string> events;
  for (int i = 0; i < count; ++i) events.push_back(EventJson(record_(head() + i)));
  const std::string frame = EventsFrame(events, head() + count);
  const uint32_t size = static_cast<uint32_t>(frame.size());
  source_.Send(absl::StrCat(absl::string_view(reinterpret_cast<const char*>(&size), sizeof(size)), frame));
}

}  // namespace eventlog::bench
