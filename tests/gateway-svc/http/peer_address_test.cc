#include "gateway-svc/http/peer_address.h"

#include <boost/asio/io_context.hpp>

#include "gtest/gtest.h"

namespace gateway {
namespace {

using boost::asio::ip::tcp;

TEST(PeerAddressTest, HostAndPortWithBracketsWhereTheHostHasColons) {
  EXPECT_EQ(FormatEndpoint({boost::asio::ip::make_address("10.1.2.3"), 80}), "10.1.2.3:80");
  EXPECT_EQ(FormatEndpoint({boost::asio::ip::make_address("::1"), 65535}), "[::1]:65535");
  EXPECT_EQ(FormatEndpoint({boost::asio::ip::make_address("::ffff:10.1.2.3"), 1}), "[::ffff:10.1.2.3]:1");
}

TEST(PeerAddressTest, IsTheOtherEnd) {
  boost::asio::io_context io;
  tcp::acceptor acceptor(io, {boost::asio::ip::address_v4::loopback(), 0});
  tcp::socket client(io);
  client.connect(acceptor.local_endpoint());
  const tcp::socket served = acceptor.accept();
  EXPECT_EQ(PeerOf(served), client.local_endpoint());
  EXPECT_EQ(PeerOf(client), acceptor.local_endpoint());
}

TEST(PeerAddressTest, OfASocketWithoutAPeerItIsNobody) {
  boost::asio::io_context io;
  EXPECT_EQ(FormatEndpoint(PeerOf(tcp::socket(io))), "0.0.0.0:0");
}

}  // namespace
}  // namespace gateway
