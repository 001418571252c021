#include "gateway-svc/http/websocket_session.h"

#include <string>

#include "absl/strings/match.h"
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

TEST(WebSocketSessionTest, HelloThenEventsThenLive) {
  Gateway gateway({});
  gateway.Connect();
  gateway.Publish(3);
  Client client(gateway.port());
  EXPECT_THAT(client.Open("cursor=earliest"), StartsWith("HTTP/1.1 101"));
  const std::string hello = client.Read().payload;
  EXPECT_THAT(hello, StartsWith(R"({"type":"hello")"));
  EXPECT_THAT(hello, HasSubstr(absl::StrCat(R"("cursor":")", Cursor(-1), "\"")));
  EXPECT_TRUE(client.ReadEvents(0, 2));
  EXPECT_THAT(client.Read().payload, StartsWith(R"({"type":"live")"));
  gateway.Publish(2);
  EXPECT_TRUE(client.ReadEvents(3, 4));
}

TEST(WebSocketSessionTest, LatestGetsOnlyWhatComes) {
  Gateway gateway({});
  gateway.Connect();
  gateway.Publish(10);
  Client client(gateway.port());
  client.Open("");
  EXPECT_THAT(client.ReadUntil(R"("type":"live")").payload, HasSubstr(Cursor(9)));
  gateway.Publish(1);
  EXPECT_TRUE(client.ReadEvents(10, 10));
}

TEST(WebSocketSessionTest, ResumesBehindItsCursor) {
  Gateway gateway({});
  gateway.Connect();
  gateway.Publish(10);
  Client client(gateway.port());
  client.Open("cursor=" + Cursor(6));
  EXPECT_TRUE(client.ReadEvents(7, 9));
}

TEST(WebSocketSessionTest, ReadsTheLogBelowTheRing) {
  Gateway gateway({});
  gateway.Connect(/*next_offset=*/1234);
  Client client(gateway.port());
  client.Open("cursor=earliest");
  EXPECT_TRUE(client.ReadEvents(0, 1233));
  gateway.Publish(5);
  EXPECT_TRUE(client.ReadEvents(1234, 1238));
}

TEST(WebSocketSessionTest, TailAndTimeAreAskedOfTheLog) {
  Gateway gateway({});
  gateway.Connect(/*next_offset=*/500);
  Client tail(gateway.port());
  tail.Open("cursor=tail:20");
  EXPECT_TRUE(tail.ReadEvents(480, 499));
  Client time(gateway.port());
  time.Open("cursor=time:1970-01-01T00:08:10Z");
  EXPECT_TRUE(time.ReadEvents(490, 499));
}

TEST(WebSocketSessionTest, TakesUpAgainWhenAColdReadFailedForAWhile) {
  Gateway gateway({});
  gateway.Connect(/*next_offset=*/300);
  gateway.pages.Fail(absl::UnavailableError("away"));
  Client client(gateway.port());
  client.Open("cursor=" + Cursor(99));
  EXPECT_THAT(client.Read().payload, HasSubstr("hello"));
  ASSERT_TRUE(gateway.pages.AwaitFailure());
  gateway.pages.Fail(absl::OkStatus());
  EXPECT_TRUE(client.ReadEvents(100, 299));
}

TEST(WebSocketSessionTest, AColdReaderWhoseSocketWasFullGoesOn) {
  Gateway gateway({});
  gateway.pages.set_padding(20'000);  // a page is far more than the socket takes
  gateway.Connect(/*next_offset=*/300);
  gateway.Publish(1);
  Client client(gateway.port(), /*receive_buffer_bytes=*/8192);
  client.Open("cursor=" + Cursor(-1));
  EXPECT_TRUE(client.ReadEvents(0, 300));
}

TEST(WebSocketSessionTest, FilteredClientHearsHowFarItWasScanned) {
  Gateway gateway({});
  gateway.Connect();
  Client client(gateway.port());
  client.Open("type=wanted.*&heartbeat_s=1&cursor=earliest");
  client.ReadUntil(R"("type":"live")");
  gateway.Publish(50, "other.event");
  const std::string heartbeat = client.ReadUntil(R"("type":"heartbeat")").payload;
  EXPECT_THAT(heartbeat, HasSubstr(Cursor(49)));
  EXPECT_THAT(heartbeat, HasSubstr(R"("head":50)"));
  gateway.Publish(1, "wanted.event");
  EXPECT_TRUE(client.ReadEvents(50, 50));
}

TEST(WebSocketSessionTest, GapsAreSaid) {
  Gateway gateway({});
  gateway.Connect();
  auto gap = std::make_shared<EventBlock>();
  gap->start_offset = 0;
  gap->next_offset = 7;
  gap->gap = BlockGap::kCorrupt;
  gateway.Broadcast(gap);
  gateway.Publish(2);
  Client client(gateway.port());
  client.Open("cursor=earliest");
  const std::string message = client.ReadUntil(R"("type":"gap")").payload;
  EXPECT_EQ(message, absl::StrCat(R"({"type":"gap","after":")", Cursor(-1), R"(","until":")", Cursor(6),
                                  R"(","reason":"CORRUPT"})"));
  EXPECT_TRUE(client.ReadEvents(7, 8));
}

TEST(WebSocketSessionTest, StaysWhenTheUpstreamIsLost) {
  Gateway gateway({});
  gateway.Connect();
  Client client(gateway.port());
  client.Open("");
  client.ReadUntil(R"("type":"live")");
  gateway.hub.Disconnected();
  gateway.hub.Connected(kEpoch, 0, 0, 0);
  gateway.Publish(4);
  EXPECT_TRUE(client.ReadEvents(0, 3));
}

TEST(WebSocketSessionTest, AnotherLogEndsIt) {
  Gateway gateway({});
  gateway.Connect();
  Client client(gateway.port());
  client.Open("");
  client.ReadUntil(R"("type":"live")");
  gateway.hub.Connected("00000000000000bb", 0, 0, 0);
  EXPECT_THAT(client.Read().payload, HasSubstr("LOG_REPLACED"));
  EXPECT_EQ(client.Read().close_code(), 4001);
}

TEST(WebSocketSessionTest, ClientMessagesAreAnsweredInTurn) {
  Gateway gateway({});
  gateway.Connect();
  Client client(gateway.port());
  client.Open("");
  client.ReadUntil(R"("type":"live")");
  client.Send(ClientFrame(0x81, R"({"type":"ping","id":"a"})") + ClientFrame(0x81, R"({"type":"dance","id":"b"})") +
              ClientFrame(0x82, R"({"type":"ping"})"));
  EXPECT_EQ(client.Read().payload, absl::StrCat(R"({"type":"ack","id":"a","effective_after":")", Cursor(-1), R"("})"));
  const std::string refused = client.Read().payload;
  EXPECT_THAT(refused, HasSubstr("MESSAGE_INVALID"));
  EXPECT_THAT(refused, HasSubstr(R"("id":"b")"));
  EXPECT_THAT(client.Read().payload, HasSubstr("binary"));
  gateway.Publish(1);
  EXPECT_TRUE(client.ReadEvents(0, 0));
}

TEST(WebSocketSessionTest, AFloodOfMessagesIsClosed) {
  Gateway gateway({});
  gateway.Connect();
  Client client(gateway.port());
  client.Open("");
  std::string flood;
  for (int i = 0; i < 500; ++i) flood += ClientFrame(0x89, "p");
  client.Send(flood);
  EXPECT_EQ(client.ReadUntil("never").close_code(), 1008);
}

TEST(WebSocketSessionTest, AFrameThatIsTooLargeIsClosed) {
  Gateway gateway({});
  gateway.Connect();
  Client client(gateway.port());
  client.Open("");
  client.Send(ClientFrame(0x81, std::string(5000, 'x')));
  EXPECT_EQ(client.ReadUntil("never").close_code(), 1009);
  EXPECT_TRUE(client.Read().end());
}

TEST(WebSocketSessionTest, APongDoesNotWaitBehindTheBacklog) {
  Gateway gateway({});
  gateway.Connect();
  for (int i = 0; i < 200; ++i) gateway.Publish(100, "test.event", 1000);
  Client client(gateway.port(), /*receive_buffer_bytes=*/8192);
  client.Open("cursor=earliest");
  client.Send(ClientFrame(0x89, "now"));
  size_t before = 0;
  for (Client::Frame frame = client.Read(); frame.first != 0x8A; frame = client.Read()) {
    ASSERT_FALSE(frame.end());
    before += frame.payload.size();
  }
  // The backlog is 20 MB; at most what the kernel holds and the frame that was under way come first.
  EXPECT_LT(before, 4'000'000u);
  // And what comes behind is whole.
  EXPECT_THAT(client.Read().payload, StartsWith(R"({"type":"events")"));
}

TEST(WebSocketSessionTest, AClientThatStopsReadingIsToldWhereToResume) {
  Gateway::Options options;
  options.client.slow_client_deadline = absl::Milliseconds(300);
  options.client.close_grace = absl::Milliseconds(100);
  Gateway gateway(options);
  gateway.Connect();
  Client stopped(gateway.port(), /*receive_buffer_bytes=*/4096);
  stopped.Open("cursor=earliest");
  {
    Client other(gateway.port());
    other.Open("cursor=earliest");
    for (int i = 0; i < 100; ++i) {
      gateway.Publish(100, "test.event", 1000);
      ASSERT_TRUE(other.ReadEvents(i * 100, i * 100 + 99)) << "the others are not disturbed";
    }
  }
  // The gateway has given up and closed, while the client has not read a byte since the handshake.
  ASSERT_TRUE(gateway.budget.AwaitNone(absl::Seconds(60)));
  EXPECT_EQ(gateway.disconnects("slow"), 1);
  std::string cursor = Cursor(-1);
  Client::Frame frame = stopped.Read();
  for (; frame.text(); frame = stopped.Read()) {
    const size_t at = frame.payload.rfind(R"("cursor":")");
    if (at != std::string::npos) cursor = frame.payload.substr(at + 10, frame.payload.rfind('"') - at - 10);
  }
  EXPECT_EQ(frame.close_code(), 4200);
  EXPECT_THAT(frame.close_reason(), testing::EndsWith(" cursor=" + cursor));
  EXPECT_NE(cursor, Cursor(9999));
}

TEST(WebSocketSessionTest, APeerThatDoesNotAnswerPingsIsClosed) {
  Gateway::Options options;
  options.client.pong_deadline = absl::Milliseconds(2500);  // longer than a heartbeat, which must not count as life
  Gateway gateway(options);
  gateway.Connect();
  Client client(gateway.port());
  client.Open("heartbeat_s=1");
  Client::Frame frame = client.Read();
  bool pinged = false;
  while (!frame.end() && frame.first != 0x88) {
    pinged |= frame.first == 0x89;
    frame = client.Read();
  }
  EXPECT_TRUE(pinged);
  EXPECT_EQ(frame.close_code(), 4201);
  EXPECT_THAT(frame.close_reason(), HasSubstr("cursor=" + Cursor(-1)));
}

TEST(WebSocketSessionTest, APeerThatAnswersPingsStays) {
  Gateway::Options options;
  options.client.pong_deadline = absl::Seconds(30);
  Gateway gateway(options);
  gateway.Connect();
  Client client(gateway.port());
  client.Open("heartbeat_s=1");
  for (int pings = 0; pings < 3;) {
    const Client::Frame frame = client.Read();
    ASSERT_FALSE(frame.end());
    ASSERT_NE(frame.first, 0x88) << frame.close_reason();
    if (frame.first != 0x89) continue;
    client.Send(ClientFrame(0x8A, frame.payload));
    ++pings;
  }
}

TEST(WebSocketSessionTest, ACloseIsEchoedAndCounted) {
  Gateway gateway({});
  gateway.Connect();
  {
    Client client(gateway.port());
    client.Open("");
    client.ReadUntil(R"("type":"live")");
    client.Send(ClientClose(1000, "bye"));
    const Client::Frame frame = client.Read();
    EXPECT_EQ(frame.close_code(), 1000);
    EXPECT_TRUE(client.Read().end());
  }
  EXPECT_TRUE(gateway.budget.AwaitNone(absl::Seconds(60)));
  EXPECT_EQ(gateway.disconnects("client"), 1);
  EXPECT_EQ(gateway.Sum(&TrafficCounters::clients), 0);
}

TEST(WebSocketSessionTest, AConnectionThatBreaksIsCounted) {
  Gateway gateway({});
  gateway.Connect();
  {
    Client client(gateway.port());
    client.Open("");
    client.ReadUntil(R"("type":"live")");
  }
  EXPECT_TRUE(gateway.budget.AwaitNone(absl::Seconds(60)));
  EXPECT_EQ(gateway.disconnects("lost"), 1);
}

TEST(WebSocketSessionTest, FramesBehindTheHandshakeAreRead) {
  Gateway gateway({});
  gateway.Connect();
  Client client(gateway.port());
  client.Open("", /*more_headers=*/"");
  Client pipelined(gateway.port());
  pipelined.Request(absl::StrCat("GET /api/events/firehose HTTP/1.1\r\nHost: localhost\r\nUpgrade: websocket\r\n",
                                 "Connection: Upgrade\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n",
                                 "Sec-WebSocket-Version: 13\r\n\r\n", ClientFrame(0x89, "early")));
  Client::Frame frame = pipelined.Read();
  while (!frame.end() && frame.first != 0x8A) frame = pipelined.Read();
  EXPECT_EQ(frame.payload, "early");
}

}  // namespace
}  // namespace gateway
