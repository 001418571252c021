#include "eventlog-svc/unsent_bytes.h"

#include <netinet/in.h>
#include <sys/socket.h>
#include <unistd.h>

#include <string>
#include <thread>

#include "absl/time/clock.h"
#include "gtest/gtest.h"

namespace eventlog {
namespace {

// A connection over the loopback, both ends in this process.
class UnsentBytesTest : public testing::Test {
 protected:
  UnsentBytesTest() : listener_(socket(AF_INET, SOCK_STREAM, 0)), client_(socket(AF_INET, SOCK_STREAM, 0)) {
    sockaddr_in address{};
    address.sin_family = AF_INET;
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    auto* const generic = reinterpret_cast<sockaddr*>(&address);
    socklen_t size = sizeof(address);
    EXPECT_EQ(bind(listener_, generic, size), 0);
    EXPECT_EQ(listen(listener_, 1), 0);
    EXPECT_EQ(getsockname(listener_, generic, &size), 0);
    port_ = ntohs(address.sin_port);
    EXPECT_EQ(connect(client_, generic, size), 0);
    server_ = accept(listener_, nullptr, nullptr);
    EXPECT_GE(server_, 0);
  }
  ~UnsentBytesTest() override {
    for (const int fd : {listener_, client_, server_}) close(fd);
  }
  // Sends until the client, which reads nothing, takes no more.
  void Fill() {
    const std::string bytes(64 * 1024, 'x');
    while (send(server_, bytes.data(), bytes.size(), MSG_DONTWAIT) > 0) {
    }
  }

  const int listener_;
  const int client_;
  int server_ = -1;
  int port_ = 0;
};

TEST_F(UnsentBytesTest, WhatTheClientHasNotGotIsCounted) {
  EXPECT_EQ(UnsentBytes(port_), 0);
  EXPECT_TRUE(AwaitSent(port_, absl::InfinitePast()));
  Fill();
  EXPECT_GT(UnsentBytes(port_), 0);
  EXPECT_EQ(UnsentBytes(port_ == 1 ? 2 : 1), 0) << "of another port";
  EXPECT_FALSE(AwaitSent(port_, absl::Now() + absl::Milliseconds(20)));
}

TEST_F(UnsentBytesTest, WhenTheClientReadsTheWaitEnds) {
  Fill();
  std::thread reader([this] {
    std::string bytes(1024 * 1024, '\0');
    while (read(client_, bytes.data(), bytes.size()) > 0) {
    }
  });
  EXPECT_TRUE(AwaitSent(port_, absl::InfiniteFuture()));
  EXPECT_EQ(UnsentBytes(port_), 0);
  shutdown(server_, SHUT_WR);
  reader.join();
}

}  // namespace
}  // namespace eventlog
