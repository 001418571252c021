#include "gateway-svc/http/listener.h"

#include <memory>
#include <vector>

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
}

}  // namespace
}  // namespace gateway
