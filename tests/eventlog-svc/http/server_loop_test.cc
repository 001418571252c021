#include "eventlog-svc/http/server_loop.h"

#include "gtest/gtest.h"
#include "httplib.h"

namespace eventlog {
namespace {

TEST(ServerLoopTest, ItServesUntilItIsGone) {
  httplib::Server server;
  server.Get("/",
             [](const httplib::Request&, httplib::Response& response) { response.set_content("x", "text/plain"); });
  const int port = server.bind_to_any_port("127.0.0.1");
  ASSERT_GT(port, 0);
  {
    const auto loop = ServerLoop::Start(server, 2);
    ASSERT_TRUE(loop.ok()) << loop.status();
    for (int i = 0; i < 3; ++i) EXPECT_TRUE(httplib::Client("127.0.0.1", port).Get("/"));
  }
  EXPECT_FALSE(httplib::Client("127.0.0.1", port).Get("/"));
}

TEST(ServerLoopTest, AServerThatCannotListenIsAnError) {
  httplib::Server never_bound;
  EXPECT_EQ(ServerLoop::Start(never_bound, 2).status().code(), absl::StatusCode::kUnavailable);
}

TEST(ServerLoopTest, ASocketThatTakesNoConnectionIsAnError) {
  httplib::Server server;
  socket_t listening = INVALID_SOCKET;
  server.set_socket_options([&listening](socket_t socket) { listening = socket; });
  ASSERT_GT(server.bind_to_any_port("127.0.0.1"), 0);
  ASSERT_EQ(shutdown(listening, SHUT_RDWR), 0);
  EXPECT_EQ(ServerLoop::Start(server, 2).status().code(), absl::StatusCode::kUnavailable);
}

}  // namespace
}  // namespace eventlog
