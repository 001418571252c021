#include "eventlog-svc/http/operations_server.h"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <sys/socket.h>
#include <unistd.h>

#include <memory>
#include <thread>
#include <vector>

#include "absl/strings/string_view.h"
#include "absl/synchronization/notification.h"
#include "absl/time/time.h"
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

TEST(OperationsServerTest, ARequestThatNeverEndsDoesNotHoldTheEnd) {
  auto server = OperationsServer::Start("127.0.0.1", 0, Pages());
  ASSERT_THAT(server, IsOk());
  const int slow = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
  sockaddr_in peer{};
  peer.sin_family = AF_INET;
  peer.sin_port = htons(static_cast<uint16_t>((*server)->port()));
  peer.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  ASSERT_EQ(connect(slow, reinterpret_cast<sockaddr*>(&peer), sizeof(peer)), 0);
  constexpr absl::string_view kBegin = "GET /livez HTTP/1.1\r\nX-Slow: ";
  ASSERT_EQ(send(slow, kBegin.data(), kBegin.size(), 0), static_cast<ssize_t>(kBegin.size()));
  ASSERT_TRUE(httplib::Client("127.0.0.1", (*server)->port()).Get("/livez")) << "so the first one was accepted too";
  absl::Notification ended;
  std::thread drip([&] {
    while (!ended.WaitForNotificationWithTimeout(absl::Milliseconds(20))) send(slow, "x", 1, MSG_NOSIGNAL);
  });
  server->reset();
  ended.Notify();
  drip.join();
  close(slow);
}

}  // namespace
}  // namespace eventlog
