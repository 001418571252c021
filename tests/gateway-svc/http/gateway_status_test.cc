#include "gateway-svc/http/gateway_status.h"

#include <string>

#include "gmock/gmock.h"
#include "gtest/gtest.h"

namespace gateway {
namespace {

using testing::HasSubstr;

GatewayStatus Status() {
  TrafficCounters counters;
  counters.clients = 3;
  counters.events_sent = 100;
  counters.frames.built = 7;
  counters.frames.shared = 14;
  counters.CountDisconnect("slow");
  counters.CountDisconnect("a reason of no list");
  GatewayStatus status;
  status.log = "events";
  status.ring.connected = status.ring.ready = true;
  status.ring.epoch = "00000000000000aa";
  status.ring.head = 42;
  status.Add(counters);
  status.Add(counters);
  return status;
}

TEST(GatewayStatusTest, ShardsAreSummed) {
  EXPECT_EQ(Status().clients, 6);
  EXPECT_EQ(Status().frames_shared, 28);
}

TEST(GatewayStatusTest, ReadyOnlyWithUpstreamAndNotDraining) {
  GatewayStatus status = Status();
  EXPECT_EQ(status.unready_reason(), "");
  status.draining = true;
  EXPECT_EQ(status.unready_reason(), "draining");
  status.draining = false;
  status.ring.connected = false;
  EXPECT_THAT(status.unready_reason(), HasSubstr("not connected"));
}

TEST(GatewayStatusTest, JsonHasTheNumbers) {
  const std::string json = StatusJson(Status());
  EXPECT_THAT(json, HasSubstr(R"("head":42)"));
  EXPECT_THAT(json, HasSubstr(R"("clients":6)"));
  EXPECT_THAT(json, HasSubstr(R"("slow":2)"));
  EXPECT_THAT(json, HasSubstr(R"("other":2)"));
  EXPECT_THAT(json, HasSubstr(R"("ready":true)"));
}

TEST(GatewayStatusTest, MetricsHaveTheNumbers) {
  const std::string metrics = StatusMetrics(Status());
  EXPECT_THAT(metrics, HasSubstr("# TYPE gateway_clients gauge\ngateway_clients 6"));
  EXPECT_THAT(metrics, HasSubstr("gateway_events_sent_total 200"));
  EXPECT_THAT(metrics, HasSubstr("gateway_disconnects_total{reason=\"slow\"} 2"));
  EXPECT_THAT(metrics, HasSubstr("gateway_head_offset 42"));
  EXPECT_THAT(metrics, HasSubstr("gateway_upstream_connected 1"));
}

}  // namespace
}  // namespace gateway
