#include "tests/bench/gateway_side.h"

#include <utility>

#include "absl/strings/str_cat.h"

namespace eventlog::bench {
namespace {

double ClientsPerEvent(const GatewaySideOptions& options) {
  // Client i gets the events of one of `types` types.
  return options.filters == 0 ? options.clients : static_cast<double>(options.clients) / options.types;
}

StreamReadersOptions Readers(const GatewaySideOptions& options, int port) {
  StreamReadersOptions readers;
  readers.port = port;
  readers.clients = options.clients;
  readers.event_bytes_min = options.event_bytes_min;
  readers.opening = [options](int client) {
    const std::string query = options.filters == 0 ? "" : absl::StrCat("type=", options.type(client % options.filters));
    return GatewayProcess::Open(query, "hello", options.deflate);
  };
  readers.expected = [options](int client) {
    Expected expected;
    expected.next = kFirstOffset;
    if (options.filters == 0) return expected;
    expected.stride = options.types;
    while (expected.next % options.types != client % options.filters) ++expected.next;
    return expected;
  };
  return readers;
}

}  // namespace

GatewaySide::GatewaySide(const GatewaySideOptions& options)
    : FanoutSide(kFirstOffset, ClientsPerEvent(options)),
      log_(kFirstOffset, options.record),
      gateway_(log_.address(), options.flags) {
  readers_ = std::make_unique<StreamReaders>(Readers(options, gateway_.port()));
  readers_->AwaitOpen();
}

}  // namespace eventlog::bench
