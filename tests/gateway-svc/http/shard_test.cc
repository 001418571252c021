#include "gateway-svc/http/shard.h"

#include <boost/asio/post.hpp>
#include <cstdint>
#include <functional>
#include <memory>
#include <set>
#include <string>
#include <thread>
#include <vector>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/synchronization/mutex.h"
#include "absl/synchronization/notification.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "tests/gateway-svc/http/gateway_fixture.h"
#include "tests/gateway-svc/websocket/client_frame.h"

namespace gateway {
namespace {

using testing::HasSubstr;

std::vector<std::unique_ptr<Client>> OpenClients(const Gateway& gateway, int count, absl::string_view query) {
  std::vector<std::unique_ptr<Client>> clients;
  for (int i = 0; i < count; ++i) {
    clients.push_back(std::make_unique<Client>(gateway.port()));
    clients.back()->Open(query);
    EXPECT_THAT(clients.back()->ReadUntil(R"("type":"live")").payload, HasSubstr("live"));
  }
  return clients;
}

int64_t CountOf(absl::string_view word, absl::string_view text) {
  int64_t count = 0;
  for (size_t at = text.find(word); at != absl::string_view::npos; at = text.find(word, at + 1)) ++count;
  return count;
}

TEST(ShardTest, ClientsOfAllShardsSeeTheSameOrder) {
  Gateway::Options options;
  options.shards = 3;
  Gateway gateway(options);
  gateway.Connect();
  auto clients = OpenClients(gateway, 9, "");
  for (int i = 0; i < 200; ++i) gateway.Publish(5);
  for (const auto& client : clients) EXPECT_TRUE(client->ReadEvents(0, 999));
  for (const auto& shard : gateway.shards()) EXPECT_EQ(shard->traffic().clients, 3);
}

TEST(ShardTest, NewsGoBeforeWhatWaitsInTheLoop) {
  Gateway gateway({});
  gateway.Connect();
  auto clients = OpenClients(gateway, 1, "");
  Shard& shard = *gateway.shards().front();
  absl::Notification running, published, looked;
  boost::asio::post(shard.context(), [&] {
    running.Notify();
    published.WaitForNotification();
  });
  running.WaitForNotification();
  // As handshakes of a herd would: it was ready before there was anything new.
  int64_t sent_before = -1;
  boost::asio::post(shard.context(), [&] {
    sent_before = shard.traffic().events_sent;
    looked.Notify();
  });
  gateway.Publish(1);
  published.Notify();
  looked.WaitForNotification();
  EXPECT_EQ(sent_before, 1);
  EXPECT_TRUE(clients.front()->ReadEvents(0, 0));
}

TEST(ShardTest, WhoAwaitsATurnForAPageGetsItsEventsMeanwhile) {
  Gateway gateway({});
  gateway.Connect();
  auto clients = OpenClients(gateway, 1, "");
  gateway.Publish(1);
  EXPECT_TRUE(clients.front()->ReadEvents(0, 0));
  Shard& shard = *gateway.shards().front();
  const int64_t received = shard.traffic().bytes_received;
  // Behind the client's message, and before the turn that it asks for.
  std::function<void()> publish_behind_it = [&] {
    if (shard.traffic().bytes_received == received) return boost::asio::post(shard.context(), publish_behind_it);
    gateway.Publish(1);
  };
  boost::asio::post(shard.context(), publish_behind_it);
  clients.front()->Send(ClientFrame(0x81, absl::StrCat(R"({"type":"fetch","before":")", kEpoch, R"(:1"})")));
  EXPECT_THAT(clients.front()->Read().payload, HasSubstr(R"("type":"events")"));
  EXPECT_THAT(clients.front()->Read().payload, HasSubstr(R"("type":"page")"));
}

TEST(ShardTest, WhoAwaitsATurnForEventsGetsNoneBefore) {
  constexpr size_t kMoreThanAFrame = 100'000;
  Gateway::Options options;
  options.client.write_bytes_max = 1;  // a frame, and then a turn for the next
  Gateway gateway(options);
  gateway.Connect();
  auto clients = OpenClients(gateway, 1, "");
  Shard& shard = *gateway.shards().front();
  absl::Notification running, published, looked;
  boost::asio::post(shard.context(), [&] {
    running.Notify();
    published.WaitForNotification();
  });
  running.WaitForNotification();
  int64_t sent_at_first = -1, sent_with_more_news = -1;
  boost::asio::post(shard.context(), [&] {
    sent_at_first = shard.traffic().events_sent;
    gateway.Publish(1, "test.event", kMoreThanAFrame);
  });
  boost::asio::post(shard.context(), [&] {
    sent_with_more_news = shard.traffic().events_sent;
    looked.Notify();
  });
  for (int i = 0; i < 3; ++i) gateway.Publish(1, "test.event", kMoreThanAFrame);
  published.Notify();
  looked.WaitForNotification();
  EXPECT_EQ(sent_at_first, 1);
  EXPECT_EQ(sent_with_more_news, 1);
  EXPECT_TRUE(clients.front()->ReadEvents(0, 3));
}

TEST(ShardTest, ClientsWithTheSameFilterShareFrames) {
  Gateway gateway({});
  gateway.Connect();
  auto clients = OpenClients(gateway, 8, "type=test.*&type=b");
  for (int i = 0; i < 20; ++i) {
    gateway.Publish(3);
    for (const auto& client : clients) EXPECT_TRUE(client->ReadEvents(3 * i, 3 * i + 2));
  }
  const TrafficCounters& traffic = gateway.shards().front()->traffic();
  EXPECT_EQ(traffic.frames.built, 20);
  EXPECT_EQ(traffic.frames.shared, 20 * 7);
}

TEST(ShardTest, DrainTellsEveryClientWhereToResume) {
  Gateway gateway({});
  gateway.Connect();
  auto clients = OpenClients(gateway, 5, "");
  gateway.Publish(4);
  for (const auto& client : clients) EXPECT_TRUE(client->ReadEvents(0, 3));
  Client asking(gateway.port());  // has not sent its request yet
  while (gateway.budget.open() < 6) std::this_thread::yield();
  gateway.listener().Stop();
  gateway.shards().front()->Drain(absl::Milliseconds(50));
  for (const auto& client : clients) {
    const Client::Frame frame = client->ReadUntil("never");
    EXPECT_EQ(frame.close_code(), 1012);
    EXPECT_THAT(frame.close_reason(), HasSubstr(absl::StrCat("cursor=", kEpoch, ":3")));
    client->Send(ClientClose(1012, ""));
    EXPECT_TRUE(client->Read().end());
  }
  clients.clear();
  EXPECT_TRUE(gateway.budget.AwaitNone(absl::Seconds(60)));
  // The one that had not asked may have been accepted, or not.
  EXPECT_THAT(gateway.disconnects("restart"), testing::AnyOf(5, 6));
}

TEST(ShardTest, StopEndsConnectionsInEveryState) {
  Client* leftover = nullptr;
  std::vector<std::unique_ptr<Client>> clients;
  {
    Gateway gateway({});
    gateway.Connect();
    clients = OpenClients(gateway, 3, "");
    clients.push_back(std::make_unique<Client>(gateway.port()));
    clients.push_back(std::make_unique<Client>(gateway.port()));
    clients.back()->Send("GET /api");
    leftover = clients.front().get();
  }
  EXPECT_TRUE(leftover->ReadUntil("never").end());
}

TEST(ShardTest, ClientsComeAndGoWhileEventsFlow) {
  Gateway::Options options;
  options.shards = 2;
  Gateway gateway(options);
  gateway.Connect();
  auto watcher = OpenClients(gateway, 1, "");
  for (int i = 0; i < 50; ++i) {
    gateway.Publish(20);
    Client visitor(gateway.port());
    visitor.Open("cursor=earliest");
    if (i % 2 == 0) {
      EXPECT_TRUE(visitor.ReadEvents(0, 20 * (i + 1) - 1));
    }
  }
  EXPECT_TRUE(watcher.front()->ReadEvents(0, 999));
}

// More of them, and with more to take, than have their turns at a time: they rest between, and go on.
TEST(ShardTest, ManyCatchUpWhileEventsCome) {
  constexpr int kClients = 12;
  constexpr int64_t kBehind = 300;
  Gateway::Options options;
  options.cold_cache_bytes_max = 64 * 1024 * 1024;
  Gateway gateway(options);
  gateway.pages.set_padding(40'000);
  gateway.Connect(kBehind);
  std::vector<std::unique_ptr<Client>> herd;
  for (int i = 0; i < kClients; ++i) {
    herd.push_back(std::make_unique<Client>(gateway.port()));
    herd.back()->Open("cursor=earliest");
  }
  absl::Mutex publishing;
  std::vector<std::thread> readers;
  for (const auto& client : herd) {
    readers.emplace_back([&] {
      for (int64_t events = 0; events < kBehind;) {
        const Client::Frame frame = client->Read();
        ASSERT_FALSE(frame.end()) << events;
        events += CountOf("\"offset\":", frame.payload);
        absl::MutexLock lock(&publishing);
        gateway.Publish(1);
      }
    });
  }
  for (std::thread& reader : readers) reader.join();
}

}  // namespace
}  // namespace gateway
