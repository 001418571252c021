#include "gateway-svc/server.h"

#include <netinet/in.h>
#include <sys/socket.h>
#include <unistd.h>

#include <memory>
#include <string>
#include <vector>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "tests/gateway-svc/feed/fake_log_service.h"
#include "tests/gateway-svc/http/gateway_fixture.h"

namespace gateway {
namespace {

using testing::HasSubstr;
using testing::StartsWith;

// No log service is there: nobody listens on port 1.
ServerOptions Options() {
  ServerOptions options;
  options.listen.port = options.ops_listen.port = 0;
  options.eventlog = "127.0.0.1:1";
  options.shards = 2;
  options.drain = absl::Milliseconds(100);
  return options;
}

std::string Get(uint16_t port, absl::string_view path) {
  Client client(port);
  client.Send(absl::StrCat("GET ", path, " HTTP/1.1\r\nHost: h\r\nConnection: close\r\n\r\n"));
  return client.ReadAll();
}

std::string Post(uint16_t port, absl::string_view path) {
  Client client(port);
  client.Send(absl::StrCat("POST ", path, " HTTP/1.1\r\nHost: 127.0.0.1\r\n\r\n"));
  return client.ReadAll();
}

bool CanConnect(uint16_t port) {
  sockaddr_in peer{};
  peer.sin_family = AF_INET;
  peer.sin_port = htons(port);
  peer.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  const int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
  const bool connected = connect(fd, reinterpret_cast<sockaddr*>(&peer), sizeof(peer)) == 0;
  close(fd);
  return connected;
}

TEST(ServerTest, StartsWithoutTheLogAndSaysSo) {
  Server server(Options());
  ASSERT_TRUE(server.Start().ok());
  EXPECT_THAT(Get(server.ops_address().port, "/livez"), StartsWith("HTTP/1.1 200"));
  EXPECT_THAT(Get(server.ops_address().port, "/readyz"), StartsWith("HTTP/1.1 503"));
  Client client(server.public_address().port);
  EXPECT_THAT(client.Open(""), StartsWith("HTTP/1.1 101"));
  EXPECT_THAT(client.Read().payload, HasSubstr("UPSTREAM_UNAVAILABLE"));
  EXPECT_EQ(client.Read().close_code(), 1013);
  server.Stop();
  EXPECT_TRUE(client.Read().end());
}

TEST(ServerTest, APortInUseIsAnErrorOfEitherPort) {
  Server first(Options());
  ASSERT_TRUE(first.Start().ok());
  ServerOptions same_public = Options(), same_ops = Options();
  same_public.listen.port = first.public_address().port;
  same_ops.ops_listen.port = first.ops_address().port;
  EXPECT_FALSE(Server(same_public).Start().ok());
  EXPECT_FALSE(Server(same_ops).Start().ok());
}

TEST(ServerTest, StopsAtOnceUnderClientsThatReadTheLogsPast) {
  FakeLogService log;
  log.Grow(200'000);
  ServerOptions options = Options();
  options.eventlog = log.address();
  options.ring_bytes_max = 64 * 1024;
  options.cold_cache_bytes_max = 64 * 1024;
  options.drain = absl::ZeroDuration();
  Server server(options);
  ASSERT_TRUE(server.Start().ok());
  while (!absl::StartsWith(Get(server.ops_address().port, "/readyz"), "HTTP/1.1 200")) {
  }
  std::vector<std::unique_ptr<Client>> clients;
  for (int i = 0; i < 12; ++i) {
    clients.push_back(std::make_unique<Client>(server.public_address().port));
    clients.back()->Open("cursor=earliest");
    ASSERT_TRUE(clients.back()->ReadEvents(0, 100 * i));
  }
  server.Stop();
  for (const auto& client : clients) client->ReadAll();
}

TEST(ServerTest, ADrainSendsClientsAwayAndTheServerStays) {
  FakeLogService log;
  ServerOptions options = Options();
  options.eventlog = log.address();
  Server server(options);
  ASSERT_TRUE(server.Start().ok());
  const uint16_t ops = server.ops_address().port;
  while (!absl::StartsWith(Get(ops, "/readyz"), "HTTP/1.1 200")) {
  }
  Client client(server.public_address().port);
  ASSERT_THAT(client.Open(""), StartsWith("HTTP/1.1 101"));
  EXPECT_THAT(Post(ops, "/admin/drain?over_ms=1"), HasSubstr(R"("already":false)"));
  EXPECT_THAT(Post(ops, "/admin/drain?over_ms=1"), HasSubstr(R"("already":true)"));
  EXPECT_THAT(Get(ops, "/readyz"), HasSubstr("draining"));
  Client::Frame last = client.Read();
  while (!last.end() && last.close_code() == 0) last = client.Read();
  EXPECT_EQ(last.close_code(), 1012);
  EXPECT_FALSE(CanConnect(server.public_address().port)) << "it takes no more";
  EXPECT_THAT(Get(ops, "/livez"), StartsWith("HTTP/1.1 200"));
  EXPECT_TRUE(server.status().draining);
  server.Stop();
}

TEST(ServerTest, StoppingTwiceOrUnstartedIsNothing) {
  Server unstarted(Options());
  unstarted.Stop();
  Server server(Options());
  ASSERT_TRUE(server.Start().ok());
  server.Stop();
  server.Stop();
}

}  // namespace
}  // namespace gateway
