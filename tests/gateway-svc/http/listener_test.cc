#include "gateway-svc/http/listener.h"

#include <sys/resource.h>

#include <algorithm>
#include <atomic>
#include <boost/asio/post.hpp>
#include <functional>
#include <memory>
#include <thread>
#include <vector>

#include "absl/synchronization/notification.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "tests/gateway-svc/http/gateway_fixture.h"

namespace gateway {
namespace {

using testing::HasSubstr;

TEST(ListenerTest, APortInUseIsAnError) {
  Gateway gateway({});
  Shard& shard = *gateway.shards().front();
  Listener second({&shard}, gateway.budget);
  const absl::Status status = second.Open("127.0.0.1", gateway.port());
  EXPECT_EQ(status.code(), absl::StatusCode::kAlreadyExists);
  EXPECT_THAT(std::string(status.message()), HasSubstr("127.0.0.1"));
}

TEST(ListenerTest, AStoppedPortIsFreeAgain) {
  Gateway gateway({});
  gateway.Connect();
  Client client(gateway.port());
  client.Open("");
  const uint16_t port = gateway.port();
  gateway.listener().Stop();
  Listener second({gateway.shards().front().get()}, gateway.budget);
  EXPECT_TRUE(second.Open("127.0.0.1", port).ok());
}

TEST(ListenerTest, NotAnAddressIsSaid) {
  Gateway gateway({});
  Listener second({gateway.shards().front().get()}, gateway.budget);
  EXPECT_EQ(second.Open("not-an-address", 0).code(), absl::StatusCode::kInvalidArgument);
}

TEST(ListenerTest, TooManyClientsAreToldToComeBack) {
  Gateway::Options options;
  options.connections_max = 2;
  Gateway gateway(options);
  gateway.Connect();
  Client first(gateway.port()), second(gateway.port());
  first.Open("");
  first.ReadUntil(R"("type":"live")");
  second.Open("");
  second.ReadUntil(R"("type":"live")");
  Client third(gateway.port());
  third.Open("");
  EXPECT_THAT(third.Read().payload, HasSubstr("OVERLOADED"));
  EXPECT_EQ(third.Read().close_code(), 1013);
  gateway.Publish(1);
  EXPECT_TRUE(first.ReadEvents(0, 0));
}

TEST(ListenerTest, FarTooManyAreNotHeard) {
  Gateway::Options options;
  options.connections_max = 1;
  Gateway gateway(options);
  std::vector<std::unique_ptr<Client>> clients;
  for (int64_t i = 0; i < 1 + ConnectionBudget::kToldMax; ++i)
    clients.push_back(std::make_unique<Client>(gateway.port()));
  Client refused(gateway.port());
  EXPECT_EQ(refused.ReadAll(), "");
  EXPECT_EQ(gateway.listener().counters().refused_cap.load(), 1);
  EXPECT_EQ(gateway.listener().counters().accepted.load(), 2 + ConnectionBudget::kToldMax);
}

TEST(ListenerTest, AnAddressHasSoManyConnectionsUntilOneIsClosed) {
  Gateway::Options options;
  options.connections_per_address_max = 1;
  Gateway gateway(options);
  gateway.Connect();
  {
    Client first(gateway.port());
    EXPECT_THAT(first.Open(""), HasSubstr("101"));
    Client second(gateway.port());
    EXPECT_EQ(second.ReadAll(), "");
    EXPECT_EQ(gateway.listener().counters().refused_address.load(), 1);
    gateway.Publish(1);
    EXPECT_TRUE(first.ReadEvents(0, 0));
  }
  ASSERT_TRUE(gateway.budget.AwaitNone(absl::Seconds(60)));
  EXPECT_THAT(Client(gateway.port()).Open(""), HasSubstr("101"));
}

TEST(ListenerTest, AHerdWaitsAndIsServed) {
  Gateway gateway({});
  gateway.Connect();
  Listener paced({gateway.shards().front().get()}, gateway.budget, /*accepts_per_second_max=*/5);
  ASSERT_TRUE(paced.Open("127.0.0.1", 0).ok());
  std::vector<std::unique_ptr<Client>> herd;
  for (int i = 0; i < 8; ++i) herd.push_back(std::make_unique<Client>(paced.port()));
  EXPECT_EQ(paced.counters().accepted.load(), 0);
  paced.Start();
  for (const std::unique_ptr<Client>& client : herd) EXPECT_THAT(client->Open(""), HasSubstr("101"));
  EXPECT_GT(paced.counters().paused.load(), 0);
  EXPECT_EQ(paced.counters().accepted.load(), 8);
}

TEST(ListenerTest, AcceptsAgainWhenThereAreFileDescriptorsAgain) {
  Gateway gateway({});
  gateway.Connect();
  Listener second({gateway.shards().front().get()}, gateway.budget);
  ASSERT_TRUE(second.Open("127.0.0.1", 0).ok());
  Client client(second.port());
  rlimit files{};
  ASSERT_EQ(getrlimit(RLIMIT_NOFILE, &files), 0);
  const rlimit none{0, files.rlim_max};
  ASSERT_EQ(setrlimit(RLIMIT_NOFILE, &none), 0);
  second.Start();
  while (second.counters().failed == 0) std::this_thread::yield();
  EXPECT_EQ(second.counters().accepted.load(), 0);
  ASSERT_EQ(setrlimit(RLIMIT_NOFILE, &files), 0);
  EXPECT_THAT(client.Open(""), HasSubstr("101"));
  EXPECT_EQ(second.counters().accepted.load(), 1);
}

TEST(ListenerTest, EachOfTwoThatStopItFindsItStopped) {
  Gateway gateway({});
  absl::Notification busy, go_on;
  boost::asio::post(gateway.shards().front()->context(), [&] {
    busy.Notify();
    go_on.WaitForNotification();
  });
  busy.WaitForNotification();
  std::atomic<int> stopped{0};
  const auto stop = [&gateway, &stopped] {
    gateway.listener().Stop();
    ++stopped;
  };
  std::thread one(stop), other(stop);
  // Long enough for one that does not wait to come back.
  for (int i = 0; i < 100'000; ++i) std::this_thread::yield();
  EXPECT_EQ(stopped, 0);
  go_on.Notify();
  one.join();
  other.join();
  Listener second({gateway.shards().front().get()}, gateway.budget);
  EXPECT_TRUE(second.Open("127.0.0.1", gateway.port()).ok());
}

// The shard does other things all the time, one after the other, as when a herd catches up.
TEST(ListenerTest, WhoWaitsIsTakenTogetherWhereTheLoopIsBusy) {
  constexpr int kClients = 60;
  Gateway gateway({});
  Shard& shard = *gateway.shards().front();
  Listener second({&shard}, gateway.budget);
  ASSERT_TRUE(second.Open("127.0.0.1", 0).ok());
  std::vector<std::unique_ptr<Client>> clients;
  for (int i = 0; i < kClients; ++i) clients.push_back(std::make_unique<Client>(second.port()));
  int64_t before = 0, most_at_once = 0;
  absl::Notification done;
  std::function<void()> turn = [&] {
    const int64_t accepted = second.counters().accepted.load();
    most_at_once = std::max(most_at_once, accepted - before);
    before = accepted;
    if (accepted >= kClients) return done.Notify();
    boost::asio::post(shard.context(), turn);
  };
  absl::Notification started;
  boost::asio::post(shard.context(), [&] {
    started.WaitForNotification();
    turn();
  });
  second.Start();
  started.Notify();
  done.WaitForNotification();
  EXPECT_GE(most_at_once, kClients / 2);
}

}  // namespace
}  // namespace gateway
