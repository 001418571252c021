#include "tests/bench/gateway_process.h"

#include <utility>

#include "absl/flags/flag.h"
#include "absl/strings/match.h"
#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "glog/logging.h"
#include "httplib.h"
#include "tests/bench/line_connection.h"

ABSL_FLAG(std::vector<std::string>, gateway_flags, {}, "more flags for every gateway, as --shards=1,--linger_ms_max=5");

namespace eventlog::bench {
namespace {

std::vector<std::string> Command(const std::string& eventlog, const std::vector<std::string>& flags) {
  std::vector<std::string> command = {"gateway-svc/gateway-svc", "--listen=127.0.0.1:0", "--ops_listen=127.0.0.1:0",
                                      absl::StrCat("--eventlog=", eventlog), "--connections_max=19000"};
  command.insert(command.end(), flags.begin(), flags.end());
  const std::vector<std::string> given = absl::GetFlag(FLAGS_gateway_flags);
  command.insert(command.end(), given.begin(), given.end());
  return command;
}

}  // namespace

GatewayProcess::GatewayProcess(const std::string& eventlog, const std::vector<std::string>& flags)
    : process_(Command(eventlog, flags)) {
  httplib::Client operations(absl::StrCat("http://", process_.Address("ops")));
  for (auto answer = operations.Get("/readyz"); !answer || answer->status != 200; answer = operations.Get("/readyz")) {
  }
}

int GatewayProcess::port() const {
  const std::string address = process_.Address("public");
  int port = 0;
  CHECK(absl::SimpleAtoi(address.substr(address.rfind(':') + 1), &port)) << address;
  return port;
}

int64_t GatewayProcess::Stat(absl::string_view name) const {
  httplib::Client operations(absl::StrCat("http://", process_.Address("ops")));
  const auto answer = operations.Get("/stats");
  CHECK(answer && answer->status == 200);
  const std::string key = absl::StrCat("\"", name, "\":");
  const size_t at = answer->body.find(key);
  CHECK_NE(at, std::string::npos) << name << " is not in " << answer->body;
  return std::atoll(answer->body.c_str() + at + key.size());
}

bool GatewayProcess::Compresses() const {
  LineConnection connection(port());
  connection.Send(Open("", "", /*deflate=*/true)[0].send);
  bool compresses = false;
  for (std::string line = "-"; !line.empty();) {
    line = std::string(connection.ReadLine());
    compresses = compresses || absl::StrContains(line, "permessage-deflate");
  }
  return compresses;
}

std::vector<Opening> GatewayProcess::Open(absl::string_view query, absl::string_view await, bool deflate) {
  Opening opening;
  opening.send = absl::StrCat(
      "GET /api/events/firehose", query.empty() ? "" : "?", query, " HTTP/1.1\r\nHost: 127.0.0.1\r\n",
      "Upgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Version: 13\r\n",
      deflate ? "Sec-WebSocket-Extensions: permessage-deflate; server_no_context_takeover; client_no_context_takeover"
                "\r\n"
              : "",
      "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n\r\n");
  opening.await = absl::StrCat("\"type\":\"", await, "\"");
  return {opening};
}

}  // namespace eventlog::bench
