#include "gateway-svc/http/ops.h"

#include <atomic>
#include <string>

#include "absl/strings/str_cat.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "tests/gateway-svc/http/gateway_fixture.h"

namespace gateway {
namespace {

using testing::HasSubstr;
using testing::StartsWith;

std::string Get(const Ops& ops, absl::string_view path) {
  Client client(ops.port());
  client.Send(absl::StrCat("GET ", path, " HTTP/1.1\r\nHost: ops\r\nConnection: close\r\n\r\n"));
  return client.ReadAll();
}

TEST(OpsTest, ReadinessFollowsTheState) {
  std::atomic<bool> connected{false};
  Ops ops([&connected] {
    GatewayStatus status;
    status.ring.connected = connected;
    return status;
  });
  ASSERT_TRUE(ops.Open("127.0.0.1", 0).ok());
  EXPECT_THAT(Get(ops, "/livez"), StartsWith("HTTP/1.1 200"));
  const std::string unready = Get(ops, "/readyz");
  EXPECT_THAT(unready, StartsWith("HTTP/1.1 503"));
  EXPECT_THAT(unready, HasSubstr("not connected"));
  connected = true;
  EXPECT_THAT(Get(ops, "/readyz"), StartsWith("HTTP/1.1 200"));
}

TEST(OpsTest, ShowsStatusAndMetrics) {
  Ops ops([] { return GatewayStatus(); });
  ASSERT_TRUE(ops.Open("127.0.0.1", 0).ok());
  EXPECT_THAT(Get(ops, "/stats"), HasSubstr("application/json"));
  EXPECT_THAT(Get(ops, "/metrics"), HasSubstr("gateway_clients 0"));
  EXPECT_THAT(Get(ops, "/nothing"), StartsWith("HTTP/1.1 404"));
}

TEST(OpsTest, APortInUseIsAnError) {
  Ops first([] { return GatewayStatus(); });
  Ops second([] { return GatewayStatus(); });
  ASSERT_TRUE(first.Open("127.0.0.1", 0).ok());
  EXPECT_FALSE(second.Open("127.0.0.1", first.port()).ok());
}

TEST(OpsTest, StopsAtOnce) {
  Ops ops([] { return GatewayStatus(); });
  ASSERT_TRUE(ops.Open("127.0.0.1", 0).ok());
  ops.Stop();
  ops.Stop();
}

}  // namespace
}  // namespace gateway
