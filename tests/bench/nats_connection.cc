#include "tests/bench/nats_connection.h"

#include <cstddef>

#include "absl/strings/match.h"
#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "glog/logging.h"

namespace eventlog::bench {
namespace {

constexpr char kInbox[] = "_INBOX.bench";

}  // namespace

NatsConnection::NatsConnection(int port) : connection_(port) {
  CHECK(absl::StartsWith(connection_.ReadLine(), "INFO ")) << "not NATS";
  connection_.Send(absl::StrCat("CONNECT {\"verbose\":false,\"pedantic\":false}\r\nSUB ", kInbox, " 1\r\n"));
}

std::string NatsConnection::Publish(absl::string_view subject, absl::string_view payload) {
  return absl::StrCat("PUB ", subject, " ", kInbox, " ", payload.size(), "\r\n", payload, "\r\n");
}

std::string NatsConnection::ReadAnswer() {
  while (true) {
    const absl::string_view line = connection_.ReadLine();
    if (absl::StartsWith(line, "MSG ")) {
      // MSG subject sid size
      size_t size = 0;
      CHECK(absl::SimpleAtoi(line.substr(line.rfind(' ') + 1), &size)) << line;
      std::string answer = connection_.Read(size);
      CHECK(!absl::StrContains(answer, "\"error\"")) << answer;
      connection_.ReadLine();
      return answer;
    }
    CHECK(line == "PING" || absl::StartsWith(line, "INFO ")) << line;
    if (line == "PING") connection_.Send("PONG\r\n");
  }
}

}  // namespace eventlog::bench
