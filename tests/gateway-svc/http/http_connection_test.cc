#include "gateway-svc/http/http_connection.h"

#include <string>

#include "absl/strings/str_cat.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "tests/gateway-svc/http/gateway_fixture.h"

namespace gateway {
namespace {

using testing::HasSubstr;
using testing::Not;
using testing::StartsWith;

std::string Ask(const Gateway& gateway, absl::string_view request) {
  Client client(gateway.port());
  client.Send(request);
  return client.ReadAll();
}

TEST(HttpConnectionTest, AHandshakeIsAccepted) {
  Gateway gateway({});
  gateway.Connect();
  Client client(gateway.port());
  const std::string head = client.Open("", "Sec-WebSocket-Protocol: eventlog.v1.json\r\n");
  EXPECT_THAT(head, StartsWith("HTTP/1.1 101"));
  EXPECT_THAT(head, HasSubstr("Sec-WebSocket-Accept: s3pPLMBiTxaQ9kYGzzhZRbK+xOo="));
  EXPECT_THAT(head, HasSubstr("Sec-WebSocket-Protocol: eventlog.v1.json"));
  EXPECT_THAT(head, Not(HasSubstr("Sec-WebSocket-Extensions")));
}

TEST(HttpConnectionTest, CompressionIsAgreedOnUnlessItIsOff) {
  constexpr char kOffer[] = "Sec-WebSocket-Extensions: permessage-deflate; client_max_window_bits\r\n";
  Gateway::Options options;
  Gateway on(options);
  on.Connect();
  Client compressed(on.port());
  EXPECT_THAT(compressed.Open("", kOffer), HasSubstr("Sec-WebSocket-Extensions: permessage-deflate;"));
  options.client.deflate = false;
  Gateway off(options);
  off.Connect();
  Client plain(off.port());
  EXPECT_THAT(plain.Open("", kOffer), Not(HasSubstr("Extensions")));
}

TEST(HttpConnectionTest, PlainRequestsAreAnsweredInWords) {
  Gateway gateway({});
  gateway.Connect();
  const struct {
    const char* request;
    const char* status;
    const char* words;
  } cases[] = {
      {"GET /api/events/firehose?colour=red HTTP/1.1\r\nHost: localhost\r\n\r\n", "HTTP/1.1 400", "colour"},
      {"GET /api/events/firehose?cursor=tail:x HTTP/1.1\r\nHost: localhost\r\n\r\n", "HTTP/1.1 400", "tail:N"},
      {"GET / HTTP/1.1\r\nHost: localhost\r\n\r\n", "HTTP/1.1 404", "/api/events/firehose"},
      {"GET /api/events/firehose/ HTTP/1.1\r\nHost: localhost\r\n\r\n", "HTTP/1.1 404", "NOT_FOUND"},
      {"POST /api/events/firehose HTTP/1.1\r\nHost: localhost\r\nContent-Length: 0\r\n\r\n", "HTTP/1.1 405",
       "Allow: GET"},
      {"POST /api/events/firehose HTTP/1.1\r\nHost: localhost\r\nContent-Length: 5\r\n\r\nhello", "HTTP/1.1 413",
       "body"},
      {"rubbish\r\n\r\n", "HTTP/1.1 400", "HTTP"},
  };
  for (const auto& c : cases) {
    const std::string answer = Ask(gateway, c.request);
    EXPECT_THAT(answer, StartsWith(c.status)) << c.request;
    EXPECT_THAT(answer, HasSubstr(c.words)) << c.request;
    EXPECT_THAT(answer, HasSubstr(R"({"type":"error")")) << c.request;
  }
  EXPECT_EQ(gateway.Sum(&TrafficCounters::requests_refused), 7);
}

TEST(HttpConnectionTest, ABadHandshakeIsRefusedInWords) {
  Gateway gateway({});
  gateway.Connect();
  const std::string common =
      "GET /api/events/firehose HTTP/1.1\r\nHost: localhost\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n";
  const std::string old = Ask(gateway, common + "Sec-WebSocket-Version: 8\r\nSec-WebSocket-Key: x\r\n\r\n");
  EXPECT_THAT(old, StartsWith("HTTP/1.1 426"));
  EXPECT_THAT(old, HasSubstr("Sec-WebSocket-Version: 13"));
  EXPECT_THAT(Ask(gateway, common + "Sec-WebSocket-Version: 13\r\n\r\n"), HasSubstr("Sec-WebSocket-Key"));
}

TEST(HttpConnectionTest, PagesOfOtherOriginsAreRefused) {
  Gateway gateway({});
  gateway.Connect();
  Client evil(gateway.port()), local(gateway.port());
  EXPECT_THAT(evil.Open("", "Origin: https://evil.example\r\n"), StartsWith("HTTP/1.1 403"));
  EXPECT_THAT(local.Open("", "Origin: http://localhost:3000\r\n"), StartsWith("HTTP/1.1 101"));
}

TEST(HttpConnectionTest, HeadersThatAreTooLargeAreRefused) {
  Gateway gateway({});
  gateway.Connect();
  const std::string answer = Ask(
      gateway, absl::StrCat("GET / HTTP/1.1\r\nHost: localhost\r\nX-Padding: ", std::string(20'000, 'x'), "\r\n\r\n"));
  EXPECT_THAT(answer, StartsWith("HTTP/1.1 431"));
}

TEST(HttpConnectionTest, AClientThatNeverAsksIsClosed) {
  Gateway::Options options;
  options.client.handshake_deadline = absl::Milliseconds(100);
  Gateway gateway(options);
  Client silent(gateway.port());
  EXPECT_EQ(silent.ReadAll(), "");
  Client half(gateway.port());
  half.Send("GET /api/ev");
  EXPECT_EQ(half.ReadAll(), "");
  EXPECT_TRUE(gateway.budget.AwaitNone(absl::Seconds(60)));
}

}  // namespace
}  // namespace gateway
