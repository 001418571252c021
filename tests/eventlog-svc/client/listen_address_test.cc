#include "eventlog-svc/client/listen_address.h"

#include <netinet/in.h>
#include <sys/socket.h>
#include <unistd.h>

#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "tests/support/status_matchers.h"

namespace eventlog {
namespace {

using testing::HasSubstr;

TEST(ListenAddressTest, HostAndPortAreTakenApartAndPutTogether) {
  for (const char* text : {"127.0.0.1:7431", "[::1]:0", "localhost:65535", "example.org:80"}) {
    const auto address = ParseListenAddress(text);
    ASSERT_THAT(address, IsOk());
    EXPECT_EQ(address->ToString(), text);
  }
  EXPECT_EQ(ParseListenAddress("[::1]:9")->host, "::1");
}

TEST(ListenAddressTest, WhatIsNoAddressIsRefusedWithWhatIsRight) {
  for (const char* text : {"", "7431", ":7431", "127.0.0.1", "127.0.0.1:", "127.0.0.1:x", "127.0.0.1:65536",
                           "127.0.0.1:-1", "::1:7431", "[]:1"}) {
    EXPECT_THAT(ParseListenAddress(text), StatusIs(absl::StatusCode::kInvalidArgument, HasSubstr("HOST:PORT"))) << text;
  }
}

TEST(ListenAddressTest, OnlyTheLoopbackIsTheLoopback) {
  for (const char* text : {"127.0.0.1:1", "127.255.0.3:1", "[::1]:1", "localhost:1"}) {
    EXPECT_TRUE(ParseListenAddress(text)->is_loopback()) << text;
  }
  for (const char* text : {"0.0.0.0:1", "[::]:1", "10.0.0.1:1", "127.example.org:1", "localhost.example.org:1"}) {
    EXPECT_FALSE(ParseListenAddress(text)->is_loopback()) << text;
  }
}

TEST(ListenAddressTest, AFlagIsNamedAndOtherAddressesWantInsecure) {
  EXPECT_THAT(ParseListenFlag("listen", "nowhere", true),
              StatusIs(absl::StatusCode::kInvalidArgument, HasSubstr("--listen: \"nowhere\"")));
  EXPECT_THAT(ParseListenFlag("listen", "127.0.0.1:1", false), IsOk());
  EXPECT_THAT(ParseListenFlag("listen", "0.0.0.0:1", false),
              StatusIs(absl::StatusCode::kInvalidArgument, HasSubstr("--insecure")));
  EXPECT_THAT(ParseListenFlag("listen", "0.0.0.0:1", true), IsOk());
}

TEST(ListenAddressTest, APortThatSomebodyListensOnIsNotFree) {
  const int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
  sockaddr_in taken{};
  taken.sin_family = AF_INET;
  taken.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  socklen_t size = sizeof(taken);
  ASSERT_EQ(bind(fd, reinterpret_cast<sockaddr*>(&taken), size), 0);
  ASSERT_EQ(listen(fd, 1), 0);
  ASSERT_EQ(getsockname(fd, reinterpret_cast<sockaddr*>(&taken), &size), 0);
  const ListenAddress address{"127.0.0.1", ntohs(taken.sin_port)};
  EXPECT_THAT(CheckPortIsFree("listen", address),
              StatusIs(absl::StatusCode::kUnavailable, HasSubstr(address.ToString() + " (--listen): ")));
  close(fd);
  EXPECT_THAT(CheckPortIsFree("listen", address), IsOk());
  EXPECT_THAT(CheckPortIsFree("listen", {"127.0.0.1", 0}), IsOk());
}

}  // namespace
}  // namespace eventlog
