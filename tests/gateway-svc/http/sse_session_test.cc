#include "gateway-svc/http/sse_session.h"

#include <string>

#include "absl/strings/str_cat.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "tests/gateway-svc/http/gateway_fixture.h"

namespace gateway {
namespace {

using testing::EndsWith;
using testing::HasSubstr;
using testing::Not;
using testing::StartsWith;

std::string Cursor(int64_t offset) { return absl::StrCat(kEpoch, ":", offset); }

std::string Get(absl::string_view query, absl::string_view more_headers = "", absl::string_view method = "GET") {
  return absl::StrCat(method, " /api/events/firehose?", query,
                      " HTTP/1.1\r\nHost: localhost\r\nAccept: text/event-stream\r\n", more_headers, "\r\n");
}

// The whole answer to a stream that ends.
std::string Ask(const Gateway& gateway, absl::string_view request) {
  Client client(gateway.port());
  client.Send(request);
  return client.ReadAll();
}

// The body of a chunked answer; "?" where the chunks are not right or not ended.
std::string Body(const std::string& answer) {
  std::string body;
  size_t at = answer.find("\r\n\r\n");
  if (at == std::string::npos) return "?";
  at += 4;
  while (true) {
    const size_t line = answer.find("\r\n", at);
    if (line == std::string::npos) return "?";
    const size_t size = std::stoul(answer.substr(at, line - at), nullptr, 16);
    if (answer.substr(line + 2 + size, 2) != "\r\n") return "?";
    body += answer.substr(line + 2, size);
    at = line + 2 + size + 2;
    if (size == 0) return at == answer.size() ? body : "?";
  }
}

class SseSessionTest : public testing::Test {
 protected:
  SseSessionTest() {
    gateway_.Connect();
    gateway_.Publish(3);
  }
  Gateway gateway_{{}};
};

TEST_F(SseSessionTest, EachMessageIsOneEventWithTheCursorBehindItAsId) {
  const std::string answer = Ask(gateway_, Get("cursor=earliest&until=caught_up&batch_max=2"));
  EXPECT_THAT(answer, StartsWith("HTTP/1.1 200 OK\r\nContent-Type: text/event-stream\r\nCache-Control: no-store\r\n"));
  EXPECT_THAT(answer, HasSubstr("Transfer-Encoding: chunked\r\n"));
  const std::string body = Body(answer);
  EXPECT_THAT(body, StartsWith(absl::StrCat("id: ", Cursor(-1), "\ndata: {\"type\":\"hello\"")));
  EXPECT_THAT(body, HasSubstr(absl::StrCat("\n\nid: ", Cursor(1), "\ndata: {\"type\":\"events\"")));
  EXPECT_THAT(body, HasSubstr(absl::StrCat("\n\nid: ", Cursor(2), "\ndata: {\"type\":\"events\"")));
  EXPECT_THAT(body, HasSubstr(absl::StrCat("\n\nid: ", Cursor(2), "\ndata: {\"type\":\"heartbeat\"")));
  EXPECT_THAT(body, EndsWith("\n\n"));
  EXPECT_THAT(body, Not(HasSubstr("retry:"))) << "a browser that comes back soon is told by a 204 that it was the end";
  EXPECT_TRUE(gateway_.budget.AwaitNone(absl::Seconds(60)));
  EXPECT_EQ(gateway_.disconnects("normal"), 1);
}

TEST_F(SseSessionTest, AStreamGoesOnAndIsCountedUntilTheClientGoes) {
  {
    Client client(gateway_.port());
    client.Request(Get("cursor=earliest"));
    EXPECT_THAT(client.ReadText(R"("type":"live")"), HasSubstr(R"("offset":2)"));
    EXPECT_EQ(gateway_.Sum(&TrafficCounters::sse_clients), 1);
    gateway_.Publish(1);
    EXPECT_THAT(client.ReadText(R"("cursor":")" + Cursor(3)), HasSubstr(R"("offset":3)"));
  }
  EXPECT_TRUE(gateway_.budget.AwaitNone(absl::Seconds(60)));
  EXPECT_EQ(gateway_.Sum(&TrafficCounters::sse_clients), 0);
  EXPECT_EQ(gateway_.Sum(&TrafficCounters::clients), 0);
}

TEST_F(SseSessionTest, LastEventIdGoesBeforeTheCursor) {
  const std::string body =
      Body(Ask(gateway_, Get("cursor=earliest&until=caught_up", "Last-Event-ID: " + Cursor(1) + "\r\n")));
  EXPECT_THAT(body, StartsWith("id: " + Cursor(1)));
  EXPECT_THAT(body, Not(HasSubstr(R"("offset":1)")));
  EXPECT_THAT(body, HasSubstr(R"("offset":2)"));
}

TEST_F(SseSessionTest, AReconnectAtTheEndIsToldThatItWasTheEnd) {
  const std::string ended = Ask(gateway_, Get("until=" + Cursor(2), "Last-Event-ID: " + Cursor(2) + "\r\n"));
  EXPECT_THAT(ended, StartsWith("HTTP/1.1 204"));
  EXPECT_THAT(ended, Not(HasSubstr("hello")));
  EXPECT_THAT(Ask(gateway_, Get("until=" + Cursor(2), "Last-Event-ID: " + Cursor(1) + "\r\n")),
              StartsWith("HTTP/1.1 200"));
  EXPECT_THAT(Ask(gateway_, Get("until=" + Cursor(2) + "&cursor=" + Cursor(2))), StartsWith("HTTP/1.1 200"))
      << "the first time is no reconnect";
}

TEST_F(SseSessionTest, AReconnectFromBeyondTheEndIsToldSoToo) {
  // The start, or a gap, was beyond the end already.
  EXPECT_THAT(Ask(gateway_, Get("until=" + Cursor(1), "Last-Event-ID: " + Cursor(2) + "\r\n")),
              StartsWith("HTTP/1.1 204"));
}

TEST_F(SseSessionTest, ErrorsAreInBandAndSayHowLongToWait) {
  for (const char* bad : {"colour=red", "cursor=0123456789abcdef:7", "cursor=newest"}) {
    const std::string answer = Ask(gateway_, Get(bad));
    EXPECT_THAT(answer, StartsWith("HTTP/1.1 200")) << bad;
    EXPECT_THAT(answer, HasSubstr("\r\n\r\nretry: 3600000\ndata: {\"type\":\"error\"")) << bad;
    EXPECT_THAT(answer, EndsWith("}\n\n")) << bad;
  }
  Gateway without_log{{}};
  const std::string later = Ask(without_log, Get(""));
  EXPECT_THAT(later, HasSubstr("retry: 10000\ndata: {\"type\":\"error\",\"code\":\"UPSTREAM_UNAVAILABLE\""));
}

TEST_F(SseSessionTest, AnErrorOfAStreamIsBehindWhatWasGiven) {
  Client client(gateway_.port());
  client.Request(Get("cursor=earliest"));
  client.ReadText(R"("type":"live")");
  gateway_.hub.Connected("00000000000000bb", 0, 0, 0);
  const std::string rest = client.ReadAll();
  EXPECT_THAT(rest, HasSubstr("data: {\"type\":\"error\",\"code\":\"LOG_REPLACED\""));
  EXPECT_THAT(rest, HasSubstr("retry: 3600000\n\n"));
  EXPECT_THAT(rest, EndsWith("\r\n0\r\n\r\n"));
}

TEST_F(SseSessionTest, OnlyPagesOfAllowedOriginsMayRead) {
  const std::string allowed = Ask(gateway_, Get("until=caught_up", "Origin: http://localhost:3000\r\n"));
  EXPECT_THAT(allowed, HasSubstr("Access-Control-Allow-Origin: http://localhost:3000\r\nVary: Origin\r\n"));
  const std::string evil = Ask(gateway_, Get("until=caught_up", "Origin: https://evil.example\r\n"));
  EXPECT_THAT(evil, StartsWith("HTTP/1.1 403"));
  EXPECT_THAT(evil, Not(HasSubstr("Access-Control")));
  EXPECT_THAT(Ask(gateway_, Get("until=caught_up")), Not(HasSubstr("Access-Control")));
}

TEST_F(SseSessionTest, ItIsReadWithGet) {
  EXPECT_THAT(Ask(gateway_, Get("", "Content-Length: 0\r\n", "POST")), StartsWith("HTTP/1.1 405"));
  EXPECT_THAT(Ask(gateway_, Get("", "", "HEAD")), StartsWith("HTTP/1.1 "));
  EXPECT_EQ(gateway_.Sum(&TrafficCounters::sse_clients), 0);
}

}  // namespace
}  // namespace gateway
