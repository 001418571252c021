#include "gateway-svc/listen_address.h"

#include "gtest/gtest.h"

namespace gateway {
namespace {

TEST(ListenAddressTest, ReadsAndWritesAddresses) {
  for (const char* text : {"127.0.0.1:7432", "0.0.0.0:0", "[::1]:65535", "[::]:80"}) {
    const auto address = ParseListenAddress(text);
    ASSERT_TRUE(address.ok()) << text;
    EXPECT_EQ(address->ToString(), text);
  }
  EXPECT_EQ(ParseListenAddress("localhost:1")->ToString(), "127.0.0.1:1");
}

TEST(ListenAddressTest, RefusesWhatIsNone) {
  for (const char* text : {"", "127.0.0.1", ":80", "127.0.0.1:", "127.0.0.1:65536", "127.0.0.1:-1", "host.example:80",
                           "::1:80", "[127.0.0.1]:80", "127.0.0.1.evil.example:80", "127.0.0.1:80x"}) {
    EXPECT_FALSE(ParseListenAddress(text).ok()) << text;
  }
}

TEST(ListenAddressTest, KnowsLoopback) {
  EXPECT_TRUE(ParseListenAddress("127.1.2.3:1")->is_loopback());
  EXPECT_TRUE(ParseListenAddress("[::1]:1")->is_loopback());
  EXPECT_FALSE(ParseListenAddress("0.0.0.0:1")->is_loopback());
  EXPECT_FALSE(ParseListenAddress("[::]:1")->is_loopback());
}

}  // namespace
}  // namespace gateway
