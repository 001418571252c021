#include "gateway-svc/http/client_connection.h"

#include <string>
#include <thread>
#include <vector>

#include "absl/strings/match.h"
#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "absl/synchronization/notification.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "tests/gateway-svc/http/gateway_fixture.h"
#include "tests/gateway-svc/websocket/client_frame.h"

namespace gateway {
namespace {

using testing::HasSubstr;

constexpr int kSmallBuffer = 4096;

std::string Cursor(int64_t offset) { return absl::StrCat(kEpoch, ":", offset); }

// More than the kernel takes for a client that does not read.
void PublishMuch(Gateway& gateway) {
  for (int i = 0; i < 150; ++i) gateway.Publish(100, "test.event", 1000);
}

int64_t NumberOf(const std::string& message, absl::string_view name) {
  const std::string mark = absl::StrCat("\"", name, "\":");
  const size_t at = message.find(mark);
  if (at == std::string::npos) return -1;
  const std::string rest = message.substr(at + mark.size());
  int64_t number = -1;
  EXPECT_TRUE(absl::SimpleAtoi(rest.substr(0, rest.find_first_not_of("0123456789")), &number)) << message;
  return number;
}

TEST(ClientConnectionTest, TheEndThatWasAskedForLosesNothingToASlowReader) {
  Gateway::Options options;
  options.client.close_grace = absl::Milliseconds(200);  // these clients keep their end open
  Gateway gateway(options);
  gateway.Connect();
  PublishMuch(gateway);
  Client client(gateway.port(), kSmallBuffer);
  client.Open("cursor=earliest&until=caught_up");
  EXPECT_TRUE(client.ReadEvents(0, 14'999));
  EXPECT_THAT(client.Read().payload, HasSubstr(R"("type":"heartbeat","cursor":")" + Cursor(14'999)));
  EXPECT_EQ(client.Read().close_code(), 1000);
  client.Send(ClientClose(1000, ""));
  EXPECT_TRUE(client.Read().end());
  EXPECT_TRUE(gateway.budget.AwaitNone(absl::Seconds(60)));
  EXPECT_EQ(gateway.disconnects("normal"), 1);
}

TEST(ClientConnectionTest, LagIsSaidBeforeTheClose) {
  Gateway::Options options;
  options.client.slow_client_deadline = absl::Milliseconds(400);
  options.client.close_grace = absl::Milliseconds(100);
  Gateway gateway(options);
  gateway.Connect();
  PublishMuch(gateway);
  Client client(gateway.port(), kSmallBuffer);
  client.Open("cursor=earliest");
  ASSERT_TRUE(gateway.budget.AwaitNone(absl::Seconds(60)));
  EXPECT_EQ(gateway.disconnects("slow"), 1);
  EXPECT_EQ(gateway.Sum(&TrafficCounters::lag_warnings), 1) << "once, not at each look";
}

TEST(ClientConnectionTest, LagGoesAheadOfTheEventsThatWait) {
  Gateway::Options options;
  options.client.slow_client_deadline = absl::Seconds(4);
  options.client.write_bytes_max = 64 << 20;  // all that waits is in the window already
  Gateway gateway(options);
  gateway.Connect();
  PublishMuch(gateway);
  Client client(gateway.port(), kSmallBuffer);
  client.Open("cursor=earliest");
  // Not read until it was said.
  while (gateway.Sum(&TrafficCounters::lag_warnings) == 0) std::this_thread::yield();
  int64_t events = 0;
  Client::Frame frame = client.Read();
  for (; !frame.end() && !absl::StrContains(frame.payload, R"("type":"lag")"); frame = client.Read()) ++events;
  ASSERT_FALSE(frame.end());
  EXPECT_GT(NumberOf(frame.payload, "behind_events"), 0);
  EXPECT_LE(NumberOf(frame.payload, "deadline_ms"), 2000);
  EXPECT_THAT(client.Read().payload, HasSubstr(R"("type":"events")")) << "what waited comes behind it";
}

// Reads sixteen frames, about a MiB, at each heartbeat of another client; returns what ended it, or the last frame.
Client::Frame ReadInSteps(const Gateway& gateway, Client& slow, int steps) {
  Client clock(gateway.port());
  clock.Open("heartbeat_s=1");
  Client::Frame frame;
  for (int step = 0; step < steps; ++step) {
    clock.ReadUntil(R"("type":"heartbeat")");
    for (int i = 0; i < 16; ++i) {
      frame = slow.Read();
      if (!frame.text()) return frame;
    }
  }
  return frame;
}

TEST(ClientConnectionTest, WhoTakesTooLittleIsSlowAndWhoTakesEnoughIsNot) {
  Gateway::Options options;
  options.client.slow_client_deadline = absl::Milliseconds(2500);
  options.client.write_bytes_max = 64 << 20;  // all that waits is in the window, and it does not become empty
  options.client.close_grace = absl::Milliseconds(100);
  Gateway patient(options);
  options.client.slow_client_bytes_min = 1 << 30;
  Gateway strict(options);
  for (Gateway* gateway : {&patient, &strict}) {
    gateway->Connect();
    PublishMuch(*gateway);
    Client client(gateway->port(), kSmallBuffer);
    client.Open("cursor=earliest");
    const Client::Frame frame = ReadInSteps(*gateway, client, 5);
    if (gateway == &patient) {
      EXPECT_TRUE(frame.text()) << frame.close_reason();
      EXPECT_EQ(gateway->disconnects("slow"), 0);
      continue;
    }
    EXPECT_TRUE(gateway->budget.AwaitNone(absl::Seconds(60)));
    EXPECT_EQ(gateway->disconnects("slow"), 1);
  }
}

TEST(ClientConnectionTest, KickedIsToldNotToComeBack) {
  Gateway::Options options;
  options.client.close_grace = absl::Milliseconds(200);  // these clients keep their end open
  Gateway gateway(options);
  gateway.Connect();
  gateway.Publish(2);
  Client client(gateway.port());
  client.Open("cursor=earliest");
  const std::string hello = client.Read().payload;
  const size_t at = hello.find(R"("connection":")") + 14;
  client.ReadUntil(R"("type":"live")");
  absl::Notification done;
  bool found = false;
  gateway.shards().front()->Kick(hello.substr(at, 16), [&](bool is_here) {
    found = is_here;
    done.Notify();
  });
  done.WaitForNotification();
  EXPECT_TRUE(found);
  const std::string error = client.Read().payload;
  EXPECT_THAT(error, HasSubstr(R"("code":"KICKED")"));
  EXPECT_THAT(error, HasSubstr(R"("retry":false,"cursor":")" + Cursor(1)));
  EXPECT_EQ(client.Read().close_code(), 1008);
  client.Send(ClientClose(1008, ""));
  EXPECT_TRUE(client.Read().end());
  EXPECT_TRUE(gateway.budget.AwaitNone(absl::Seconds(60)));
  EXPECT_EQ(gateway.disconnects("kicked"), 1);
}

TEST(ClientConnectionTest, DrainSaysWhenItEndsAndWhenToComeBack) {
  Gateway::Options options;
  options.client.close_grace = absl::Milliseconds(200);  // these clients keep their end open
  Gateway gateway(options);
  gateway.Connect();
  Client client(gateway.port());
  client.Open("");
  client.ReadUntil(R"("type":"live")");
  gateway.shards().front()->Drain(absl::Milliseconds(500));
  const std::string drain = client.Read().payload;
  EXPECT_THAT(drain, HasSubstr(R"({"type":"drain")"));
  EXPECT_LE(NumberOf(drain, "deadline_ms"), 500);
  EXPECT_GE(NumberOf(drain, "deadline_ms"), 0);
  EXPECT_LE(NumberOf(drain, "reconnect_after_ms"), 1000);
  EXPECT_GE(NumberOf(drain, "reconnect_after_ms"), 0);
  EXPECT_EQ(client.ReadUntil("never").close_code(), 1012);
}

// Of the only client.
std::string PhaseOf(Gateway& gateway) {
  absl::Notification done;
  std::string phase;
  gateway.shards().front()->Describe([&](const std::vector<ClientInfo>& clients) {
    if (!clients.empty()) phase = clients.front().phase;
    done.Notify();
  });
  done.WaitForNotification();
  return phase;
}

TEST(ClientConnectionTest, WhoIsBehindIsToldOfADrainToo) {
  Gateway::Options options;
  options.client.close_grace = absl::Seconds(60);
  options.client.write_bytes_max = 64 << 20;  // all that waits is in the window
  Gateway gateway(options);
  gateway.Connect();
  PublishMuch(gateway);
  Client client(gateway.port(), kSmallBuffer);
  client.Open("cursor=earliest");
  client.ReadUntil(R"("type":"hello")");
  gateway.shards().front()->Drain(absl::ZeroDuration());
  // Not read until the end has come.
  while (PhaseOf(gateway) != "closing") std::this_thread::yield();
  int drains = 0;
  Client::Frame frame = client.Read();
  for (; frame.text(); frame = client.Read()) drains += absl::StrContains(frame.payload, R"("type":"drain")") ? 1 : 0;
  EXPECT_EQ(drains, 1);
  EXPECT_EQ(frame.close_code(), 1012);
}

TEST(ClientConnectionTest, AnswersThatAreAskedForAndNotReadAreBounded) {
  Gateway::Options options;
  options.client.client_frames_burst = 1e9;
  options.client.socket.send_buffer_bytes = 64 * 1024;  // the system's own may take all of it
  options.client.close_grace = absl::Milliseconds(200);
  Gateway gateway(options);
  gateway.Connect();
  for (int i = 0; i < 10; ++i) gateway.Publish(100, "test.event", 1000);
  Client client(gateway.port(), kSmallBuffer);
  client.Open("");
  // Each answer repeats the name.
  const std::string dance = absl::StrCat(R"({"type":"dance","id":")", std::string(128, 'i'), R"("})");
  for (int i = 0; i < 20'000; ++i) client.Send(ClientFrame(0x81, dance));
  // It reads nothing, not even its end.
  EXPECT_TRUE(gateway.budget.AwaitNone(absl::Seconds(60)));
  EXPECT_EQ(gateway.disconnects("flood"), 1);
}

}  // namespace
}  // namespace gateway
