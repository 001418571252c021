#include "eventlog-svc/client/local_connections.h"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <sys/socket.h>
#include <unistd.h>

#include "gtest/gtest.h"

namespace eventlog {
namespace {

TEST(LocalConnectionsTest, WhoReadsFindsTheEndAndTheListenerStays) {
  const int listener = socket(AF_INET, SOCK_STREAM, 0);
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  socklen_t size = sizeof(address);
  ASSERT_EQ(bind(listener, reinterpret_cast<sockaddr*>(&address), size), 0);
  ASSERT_EQ(listen(listener, 5), 0);
  ASSERT_EQ(getsockname(listener, reinterpret_cast<sockaddr*>(&address), &size), 0);
  const auto connected = [&] {
    const int client = socket(AF_INET, SOCK_STREAM, 0);
    EXPECT_EQ(connect(client, reinterpret_cast<sockaddr*>(&address), size), 0);
    return client;
  };
  const int client = connected();
  const int served = accept(listener, nullptr, nullptr);
  ShutDownConnections(static_cast<uint16_t>(ntohs(address.sin_port) ^ 1));
  char byte;
  EXPECT_EQ(recv(served, &byte, 1, MSG_DONTWAIT), -1) << "another port's";
  ShutDownConnections(ntohs(address.sin_port));
  EXPECT_EQ(recv(served, &byte, 1, 0), 0);
  EXPECT_EQ(recv(client, &byte, 1, 0), 0);
  const int later = connected();
  EXPECT_GE(accept(listener, nullptr, nullptr), 0);
  close(later);
  close(client);
  close(served);
  close(listener);
}

}  // namespace
}  // namespace eventlog
