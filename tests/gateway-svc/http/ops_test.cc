#include "gateway-svc/http/ops.h"

#include <atomic>
#include <string>
#include <thread>

#include "absl/strings/str_cat.h"
#include "absl/synchronization/mutex.h"
#include "absl/time/time.h"
#include "gateway-svc/http/shard_directory.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "tests/gateway-svc/http/fake_shard.h"
#include "tests/gateway-svc/http/gateway_fixture.h"

namespace gateway {
namespace {

using testing::EndsWith;
using testing::HasSubstr;
using testing::StartsWith;

class OpsTest : public testing::Test {
 protected:
  OpsTest() : ops_([this] { return Status(); }, Actions()) {}
  void SetUp() override { ASSERT_TRUE(ops_.Open("127.0.0.1", 0).ok()); }

  GatewayStatus Status() {
    ++looks_;
    GatewayStatus status;
    status.ring.connected = connected_;
    return status;
  }
  AdminActions Actions() {
    AdminActions actions;
    actions.clients = &directory_;
    actions.disconnects = &disconnects_;
    actions.drain = [](absl::Duration) { return true; };
    return actions;
  }
  std::string Ask(absl::string_view request_line, absl::string_view rest = "\r\n") {
    Client client(ops_.port());
    client.Send(absl::StrCat(request_line, " HTTP/1.1\r\nHost: localhost\r\n", rest));
    return client.ReadAll();
  }

  std::atomic<bool> connected_{false};
  std::atomic<int> looks_{0};
  FakeShard shard_{{NamedClient("a"), NamedClient("b")}};
  ShardDirectory directory_{{&shard_}};
  DisconnectLog disconnects_;
  Ops ops_;
};

TEST_F(OpsTest, ReadinessFollowsTheState) {
  EXPECT_THAT(Ask("GET /livez"), StartsWith("HTTP/1.1 200"));
  const std::string unready = Ask("GET /readyz");
  EXPECT_THAT(unready, StartsWith("HTTP/1.1 503"));
  EXPECT_THAT(unready, EndsWith("\r\n\r\nthe log service is not connected\n"));
  connected_ = true;
  EXPECT_THAT(Ask("GET /readyz"), StartsWith("HTTP/1.1 200"));
}

TEST_F(OpsTest, BeingAliveDependsOnNothing) {
  Ask("GET /livez");
  EXPECT_EQ(looks_, 0);
}

TEST_F(OpsTest, ShowsStatusAndMetricsAndClients) {
  EXPECT_THAT(Ask("GET /stats"), HasSubstr("application/json"));
  EXPECT_THAT(Ask("GET /metrics"), HasSubstr("\ngateway_connections 0\n"));
  EXPECT_THAT(Ask("GET /admin/clients?limit=1"), HasSubstr(R"("clients_total":2,"clients":[{"id":"a")"));
}

TEST_F(OpsTest, AHeadHasNoBody) {
  const std::string answer = Ask("HEAD /livez");
  EXPECT_THAT(answer, StartsWith("HTTP/1.1 200"));
  EXPECT_THAT(answer, EndsWith("\r\n\r\n"));
}

TEST_F(OpsTest, WhatIsNotThereOrNotDoneIsRefusedInJson) {
  EXPECT_THAT(Ask("GET /nothing"), StartsWith("HTTP/1.1 404"));
  EXPECT_THAT(Ask("GET /nothing"), HasSubstr(R"({"code":"NOT_FOUND",)"));
  EXPECT_THAT(Ask("GET /admin/nothing"), StartsWith("HTTP/1.1 404"));
  EXPECT_THAT(Ask("DELETE /stats"), StartsWith("HTTP/1.1 405"));
  EXPECT_THAT(Ask("DELETE /stats"), HasSubstr("Allow: GET\r\n"));
}

TEST_F(OpsTest, APostNeedsNoBodyAndMayHaveOne) {
  EXPECT_THAT(Ask("POST /admin/clients/a/kick"), HasSubstr(R"({"kicked":"a"})"));
  EXPECT_THAT(Ask("POST /admin/clients/b/kick", "Content-Length: 2\r\n\r\n{}"), HasSubstr(R"({"kicked":"b"})"));
  EXPECT_THAT(Ask("POST /admin/drain"), StartsWith("HTTP/1.1 202"));
}

TEST_F(OpsTest, APageCannotDrain) {
  EXPECT_THAT(Ask("POST /admin/drain", "Origin: https://evil.example\r\n\r\n"), StartsWith("HTTP/1.1 403"));
}

TEST_F(OpsTest, APortInUseIsAnError) {
  Ops second([this] { return Status(); }, Actions());
  EXPECT_FALSE(second.Open("127.0.0.1", ops_.port()).ok());
}

TEST_F(OpsTest, ARequestThatNeverEndsDoesNotHoldTheStop) {
  Client slow(ops_.port());
  slow.Send("GET /livez HTTP/1.1\r\nX-Slow: ");
  EXPECT_THAT(Ask("GET /livez"), StartsWith("HTTP/1.1 200")) << "so the first one was accepted too";
  std::atomic<bool> stopped{false};
  std::thread drip([&] {
    absl::Mutex never;
    absl::MutexLock lock(&never);
    while (!stopped) {
      slow.Send("x");
      never.AwaitWithTimeout(absl::Condition(
                                 +[](std::atomic<bool>* done) { return done->load(); }, &stopped),
                             absl::Milliseconds(20));
    }
  });
  ops_.Stop();
  stopped = true;
  drip.join();
}

TEST_F(OpsTest, StopsAtOnceAlsoTwice) {
  ops_.Stop();
  ops_.Stop();
}

}  // namespace
}  // namespace gateway
