#include "gateway-svc/http/socket_limits.h"

#include <netinet/in.h>
#include <sys/socket.h>
#include <unistd.h>

#include <string>

#include "gtest/gtest.h"

namespace gateway {
namespace {

// A connection over loopback whose far end is never read.
class SocketLimitsTest : public testing::Test {
 protected:
  void SetUp() override {
    const int listener = ::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    const int small = 4096;
    ::setsockopt(listener, SOL_SOCKET, SO_RCVBUF, &small, sizeof(small));
    sockaddr_in address = {};
    address.sin_family = AF_INET;
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    socklen_t size = sizeof(address);
    ASSERT_EQ(::bind(listener, reinterpret_cast<sockaddr*>(&address), size), 0);
    ASSERT_EQ(::listen(listener, 1), 0);
    ASSERT_EQ(::getsockname(listener, reinterpret_cast<sockaddr*>(&address), &size), 0);
    near_ = ::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    ASSERT_EQ(::connect(near_, reinterpret_cast<sockaddr*>(&address), size), 0);
    far_ = ::accept(listener, nullptr, nullptr);
    ::close(listener);
  }
  void TearDown() override {
    ::close(near_);
    ::close(far_);
  }

  // Until the kernel takes no more.
  int64_t Fill() {
    const std::string chunk(1024, 'x');
    int64_t sent = 0;
    for (ssize_t size = 0; size >= 0 && sent < (int64_t{1} << 30); sent += size) {
      size = ::send(near_, chunk.data(), chunk.size(), MSG_DONTWAIT);
      if (size < 0) break;
    }
    return sent;
  }

  int near_ = -1;
  int far_ = -1;
};

TEST_F(SocketLimitsTest, WhatTheKernelHoldsIsBoundedAndTheLastBytesStillFit) {
  SocketLimits limits;
  limits.notsent_bytes_max = 32 * 1024;
  Apply(limits, near_);
  EXPECT_LT(Fill(), 512 * 1024);
  MakeRoom(limits, 1024, near_);
  EXPECT_GE(Fill(), 1024);
}

TEST_F(SocketLimitsTest, ASmallSendBufferIsWidenedForTheLastBytes) {
  SocketLimits limits;
  limits.send_buffer_bytes = 16 * 1024;
  Apply(limits, near_);
  EXPECT_LT(Fill(), 256 * 1024);
  MakeRoom(limits, 1024, near_);
  EXPECT_GE(Fill(), 1024);
}

}  // namespace
}  // namespace gateway
