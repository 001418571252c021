#include "eventlog-svc/http/operations_server.h"

#include <memory>
#include <thread>
#include <vector>

#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "httplib.h"
#include "tests/support/status_matchers.h"

namespace eventlog {
namespace {

using testing::HasSubstr;

OperationsPages Pages(absl::Status ready = absl::OkStatus()) {
  return {[] { return std::string("{}"); }, [] { return std::string("metric 1\n"); }, [ready] { return ready; }};
}

TEST(OperationsServerTest, EveryPageAnswers) {
  const auto server = OperationsServer::Start("127.0.0.1", 0, Pages());
  ASSERT_THAT(server, IsOk());
  httplib::Client client("127.0.0.1", (*server)->port());
  const auto stats = client.Get("/stats");
  ASSERT_TRUE(stats);
  EXPECT_EQ(stats->body, "{}");
  EXPECT_EQ(stats->get_header_value("Content-Type"), "application/json");
  EXPECT_EQ(client.Get("/metrics")->body, "metric 1\n");
  EXPECT_EQ(client.Get("/livez")->status, 200);
  EXPECT_EQ(client.Get("/readyz")->status, 200);
  EXPECT_EQ(client.Get("/other")->status, 404);
}

TEST(OperationsServerTest, NotReadyIsSaidInOneLine) {
  const auto server = OperationsServer::Start("127.0.0.1", 0, Pages(absl::UnavailableError("draining")));
  ASSERT_THAT(server, IsOk());
  httplib::Client client("127.0.0.1", (*server)->port());
  const auto ready = client.Get("/readyz");
  ASSERT_TRUE(ready);
  EXPECT_EQ(ready->status, 503);
  EXPECT_EQ(ready->body, "draining\n");
  EXPECT_EQ(client.Get("/livez")->status, 200);
}

TEST(OperationsServerTest, APortInUseIsAnError) {
  const auto first = OperationsServer::Start("127.0.0.1", 0, Pages());
  ASSERT_THAT(first, IsOk());
  EXPECT_THAT(OperationsServer::Start("127.0.0.1", (*first)->port(), Pages()),
              StatusIs(absl::StatusCode::kUnavailable, HasSubstr("--http_listen")));
}

TEST(OperationsServerTest, ConnectionsThatAreKeptHoldUpNobody) {
  const auto server = OperationsServer::Start("127.0.0.1", 0, Pages());
  ASSERT_THAT(server, IsOk());
  std::vector<std::unique_ptr<httplib::Client>> kept;
  // More than the server has threads.
  for (int i = 0; i < 12; ++i) {
    kept.push_back(std::make_unique<httplib::Client>("127.0.0.1", (*server)->port()));
    kept.back()->set_keep_alive(true);
    kept.back()->set_read_timeout(4);  // less than an idle connection would hold a thread
    ASSERT_TRUE(kept.back()->Get("/livez")) << "connection " << i << " was not served";
  }
}

}  // namespace
}  // namespace eventlog
