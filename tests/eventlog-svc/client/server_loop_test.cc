#include "eventlog-svc/client/server_loop.h"

#include <atomic>
#include <thread>

#include "gtest/gtest.h"
#include "httplib.h"

namespace eventlog {
namespace {

bool Never() { return false; }

TEST(ServerLoopTest, ItServesUntilItIsGone) {
  httplib::Server server;
  server.Get("/",
             [](const httplib::Request&, httplib::Response& response) { response.set_content("x", "text/plain"); });
  const int port = server.bind_to_any_port("127.0.0.1");
  ASSERT_GT(port, 0);
  {
    const auto loop = ServerLoop::Start(server, 2, Never);
    ASSERT_TRUE(loop.ok()) << loop.status();
    for (int i = 0; i < 3; ++i) EXPECT_TRUE(httplib::Client("127.0.0.1", port).Get("/"));
  }
  EXPECT_FALSE(httplib::Client("127.0.0.1", port).Get("/"));
}

TEST(ServerLoopTest, AServerThatCannotListenIsAnError) {
  httplib::Server never_bound;
  EXPECT_EQ(ServerLoop::Start(never_bound, 2, Never).status().code(), absl::StatusCode::kUnavailable);
}

TEST(ServerLoopTest, ASocketThatTakesNoConnectionIsAnError) {
  httplib::Server server;
  socket_t listening = INVALID_SOCKET;
  server.set_socket_options([&listening](socket_t socket) { listening = socket; });
  ASSERT_GT(server.bind_to_any_port("127.0.0.1"), 0);
  ASSERT_EQ(shutdown(listening, SHUT_RDWR), 0);
  EXPECT_EQ(ServerLoop::Start(server, 2, Never).status().code(), absl::StatusCode::kUnavailable);
}

TEST(ServerLoopTest, WhenAcceptingFailsThePortIsBoundAgainUntilThatWorks) {
  httplib::Server server;
  server.Get("/",
             [](const httplib::Request&, httplib::Response& response) { response.set_content("x", "text/plain"); });
  std::atomic<socket_t> listening{INVALID_SOCKET};
  server.set_socket_options([&listening](socket_t socket) {
    const int on = 1;
    setsockopt(socket, SOL_SOCKET, SO_REUSEADDR, &on, sizeof(on));
    listening = socket;
  });
  const int port = server.bind_to_any_port("127.0.0.1");
  std::atomic<int> tries{0};
  const auto loop =
      ServerLoop::Start(server, 2, [&] { return ++tries % 3 == 0 && server.bind_to_port("127.0.0.1", port); });
  ASSERT_TRUE(loop.ok()) << loop.status();
  for (int round = 1; round <= 3; ++round) {
    ASSERT_TRUE(httplib::Client("127.0.0.1", port).Get("/"));
    // The next accept fails, and not for want of descriptors.
    ASSERT_EQ(shutdown(listening, SHUT_RDWR), 0);
    while (tries < 3 * round) std::this_thread::yield();
    while (!httplib::Client("127.0.0.1", port).Get("/")) std::this_thread::yield();
  }
}

TEST(ServerLoopTest, StopsWhileThePortIsLost) {
  httplib::Server server;
  socket_t listening = INVALID_SOCKET;
  server.set_socket_options([&listening](socket_t socket) { listening = socket; });
  ASSERT_GT(server.bind_to_any_port("127.0.0.1"), 0);
  std::atomic<int> tries{0};
  const auto loop = ServerLoop::Start(server, 2, [&tries] { return ++tries < 0; });
  ASSERT_TRUE(loop.ok()) << loop.status();
  ASSERT_EQ(shutdown(listening, SHUT_RDWR), 0);
  while (tries == 0) std::this_thread::yield();
}

}  // namespace
}  // namespace eventlog
