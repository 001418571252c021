#include "gateway-svc/http/gateway_status.h"

#include "gmock/gmock.h"
#include "gtest/gtest.h"

namespace gateway {
namespace {

using testing::HasSubstr;

GatewayStatus Ready() {
  GatewayStatus status;
  status.ring.connected = status.ring.ready = true;
  status.connections = 9;
  status.connections_max = 10;
  return status;
}

TEST(GatewayStatusTest, ShardsAreSummed) {
  TrafficCounters counters;
  counters.clients = 5;
  counters.sse_clients = 2;
  counters.frames.shared = 14;
  counters.compression.bytes_out = 5;
  counters.CountDisconnect("slow");
  counters.CountDisconnect("a reason of no list");
  counters.CountResponse(101);
  counters.CountResponse(404);
  counters.CountResponse(999);
  GatewayStatus status;
  status.Add(counters);
  status.Add(counters);
  EXPECT_EQ(status.clients, 10);
  EXPECT_EQ(status.websocket_clients(), 6);
  EXPECT_EQ(status.frames_shared, 28);
  EXPECT_EQ(status.compression_bytes_out, 10);
  EXPECT_THAT(status.http_responses, testing::ElementsAre(2, 2, 0, 0, 2, 0));
  for (size_t i = 0; i < kDisconnectReasons.size(); ++i) {
    const absl::string_view reason = kDisconnectReasons[i];
    EXPECT_EQ(status.disconnects[i], reason == "slow" || reason == "other" ? 2 : 0) << reason;
  }
}

TEST(GatewayStatusTest, TheClientFurthestBehindIsTheMostOfTheShards) {
  TrafficCounters one, other;
  one.behind_events_max = 7;
  other.behind_events_max = 3;
  GatewayStatus status;
  status.Add(one);
  status.Add(other);
  EXPECT_EQ(status.behind_events_max, 7);
}

TEST(GatewayStatusTest, TheFirstConnectIsNoReconnect) {
  GatewayStatus status;
  EXPECT_EQ(status.upstream_reconnects(), 0);
  status.upstream_connects = 1;
  EXPECT_EQ(status.upstream_reconnects(), 0);
  status.upstream_connects = 3;
  EXPECT_EQ(status.upstream_reconnects(), 2);
}

TEST(GatewayStatusTest, UpstreamLagIsWhatTheLogHasMore) {
  GatewayStatus status;
  status.ring.head = 40;
  status.ring.log_head = 42;
  EXPECT_EQ(status.upstream_lag(), 2);
  status.ring.head = 50;
  EXPECT_EQ(status.upstream_lag(), 0) << "the log's head is what was last heard";
}

TEST(GatewayStatusTest, ReadyOnlyWithUpstreamNotDrainingAndWithRoom) {
  EXPECT_EQ(Ready().unready_reason(), "");
  GatewayStatus draining = Ready(), disconnected = Ready(), full = Ready();
  draining.draining = true;
  EXPECT_EQ(draining.unready_reason(), "draining");
  disconnected.ring.connected = false;
  EXPECT_THAT(disconnected.unready_reason(), HasSubstr("not connected"));
  full.connections = 10;
  EXPECT_EQ(full.unready_reason(), "full: 10 connections of at most 10");
}

}  // namespace
}  // namespace gateway
