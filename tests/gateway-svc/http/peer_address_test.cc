#include "gateway-svc/http/peer_address.h"

#include "gtest/gtest.h"

namespace gateway {
namespace {

TEST(PeerAddressTest, HostAndPortWithBracketsWhereTheHostHasColons) {
  EXPECT_EQ(FormatEndpoint({boost::asio::ip::make_address("10.1.2.3"), 80}), "10.1.2.3:80");
  EXPECT_EQ(FormatEndpoint({boost::asio::ip::make_address("::1"), 65535}), "[::1]:65535");
  EXPECT_EQ(FormatEndpoint({boost::asio::ip::make_address("::ffff:10.1.2.3"), 1}), "[::ffff:10.1.2.3]:1");
}

}  // namespace
}  // namespace gateway
