// Where a client begins: what it is told first, and why it may not begin at all.

#include <string>

#include "absl/strings/str_cat.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "tests/gateway-svc/http/gateway_fixture.h"
#include "tests/gateway-svc/websocket/client_frame.h"

namespace gateway {
namespace {

using testing::HasSubstr;
using testing::StartsWith;

std::string Cursor(int64_t offset) { return absl::StrCat(kEpoch, ":", offset); }

TEST(WebSocketSessionStartTest, NobodyIsLiveWhileTheGatewayCatchesUp) {
  Gateway gateway({});
  gateway.hub.Connected(kEpoch, 0, /*log_head=*/10, /*next_offset=*/0);
  Client client(gateway.port());
  client.Open("cursor=" + Cursor(-1));
  EXPECT_THAT(client.Read().payload, HasSubstr(R"("head":10)"));
  gateway.Publish(5);
  EXPECT_THAT(client.Read().payload, StartsWith(R"({"type":"events")"));
  gateway.Publish(5);
  EXPECT_THAT(client.Read().payload, StartsWith(R"({"type":"events")"));
  EXPECT_THAT(client.Read().payload, StartsWith(R"({"type":"live")"));
}

TEST(WebSocketSessionStartTest, LatestIsTheLogsHeadWhileTheGatewayCatchesUp) {
  Gateway gateway({});
  gateway.hub.Connected(kEpoch, 0, /*log_head=*/10, /*next_offset=*/0);
  Client client(gateway.port());
  client.Open("");
  EXPECT_THAT(client.Read().payload, HasSubstr(Cursor(9)));
  gateway.Publish(12);
  EXPECT_TRUE(client.ReadEvents(10, 11));
}

TEST(WebSocketSessionStartTest, APositionInAnotherLogIsNotTaken) {
  Gateway gateway({});
  gateway.Connect(/*next_offset=*/300);
  gateway.pages.set_epoch("00000000000000bb");
  Client client(gateway.port());
  client.Open("cursor=tail:5");
  EXPECT_THAT(client.Read().payload, HasSubstr("UPSTREAM_UNAVAILABLE"));
  EXPECT_EQ(client.Read().close_code(), 1013);
}

TEST(WebSocketSessionStartTest, HelloComesFirstAlsoForAClientThatSpeaksTooEarly) {
  Gateway gateway({});
  gateway.Connect(/*next_offset=*/300);
  Client client(gateway.port());
  client.Request(
      absl::StrCat("GET /api/events/firehose?cursor=tail:5 HTTP/1.1\r\nHost: localhost\r\nUpgrade: websocket\r\n",
                   "Connection: Upgrade\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n",
                   "Sec-WebSocket-Version: 13\r\n\r\n", ClientFrame(0x81, R"({"type":"ping","id":"early"})")));
  EXPECT_THAT(client.Read().payload, StartsWith(R"({"type":"hello")"));
  EXPECT_THAT(client.ReadUntil(R"("type":"ack")").payload, HasSubstr("early"));
  EXPECT_TRUE(client.ReadEvents(295, 299));
}

struct Refusal {
  const char* query;
  int code;
  const char* error;
};

class WebSocketSessionRefusalTest : public testing::TestWithParam<Refusal> {};

TEST_P(WebSocketSessionRefusalTest, IsToldInBandAndClosed) {
  Gateway gateway({});
  gateway.Connect();
  gateway.Publish(10);
  Client client(gateway.port());
  EXPECT_THAT(client.Open(GetParam().query), StartsWith("HTTP/1.1 101"));
  EXPECT_THAT(client.Read().payload, HasSubstr(GetParam().error));
  EXPECT_EQ(client.Read().close_code(), GetParam().code);
  client.Send(ClientClose(1000, ""));
  EXPECT_TRUE(client.Read().end());
}

INSTANTIATE_TEST_SUITE_P(All, WebSocketSessionRefusalTest,
                         testing::Values(Refusal{"colour=green", 4000, "colour"},
                                         Refusal{"cursor=yesterday", 4000, "yesterday"},
                                         Refusal{"cursor=0123456789abcdef:3", 4001, "CURSOR_WRONG_EPOCH"},
                                         Refusal{"cursor=00000000000000aa:10", 4002, "CURSOR_BEYOND_HEAD"}));

TEST(WebSocketSessionStartTest, ACursorThatTheLogConfirmsWaitsForItsEvents) {
  Gateway gateway({});
  gateway.Connect();
  gateway.Publish(10);
  gateway.pages.set_head(20);  // another gateway was ahead
  Client client(gateway.port());
  client.Open("cursor=" + Cursor(14));
  EXPECT_THAT(client.Read().payload, HasSubstr("hello"));
  gateway.Publish(10);
  EXPECT_TRUE(client.ReadEvents(15, 19));
}

TEST(WebSocketSessionStartTest, BeforeTheFirstUpstreamItIsToldToComeBack) {
  Gateway gateway({});
  Client client(gateway.port());
  client.Open("");
  EXPECT_THAT(client.Read().payload, HasSubstr(R"("retry":true)"));
  EXPECT_EQ(client.Read().close_code(), 1013);
}

}  // namespace
}  // namespace gateway
