#include "gateway-svc/http/address_limit.h"

#include "gtest/gtest.h"

namespace gateway {
namespace {

uint64_t Key(const char* address) { return AddressKey(boost::asio::ip::make_address(address)); }

TEST(AddressLimitTest, AnIpv6NetworkOf64BitsIsOneAddress) {
  EXPECT_EQ(Key("2001:db8:1:2::1"), Key("2001:db8:1:2:ffff:ffff:ffff:ffff"));
  EXPECT_NE(Key("2001:db8:1:2::1"), Key("2001:db8:1:3::1"));
}

TEST(AddressLimitTest, EachIpv4AddressIsItsOwnAlsoWhenItIsMapped) {
  EXPECT_NE(Key("192.0.2.1"), Key("192.0.2.2"));
  EXPECT_EQ(Key("192.0.2.1"), Key("::ffff:192.0.2.1"));
  EXPECT_NE(Key("127.0.0.1"), Key("::1"));
  EXPECT_NE(Key("0.0.0.0"), Key("::"));
}

TEST(AddressLimitTest, AnAddressHasSoManyAndOthersHaveTheirOwn) {
  AddressLimit limit(2);
  EXPECT_TRUE(limit.Take(1));
  EXPECT_TRUE(limit.Take(1));
  EXPECT_FALSE(limit.Take(1));
  EXPECT_TRUE(limit.Take(2));
  limit.GiveBack(1);
  EXPECT_TRUE(limit.Take(1));
  EXPECT_FALSE(limit.Take(1));
}

TEST(AddressLimitTest, AnAddressThatWentIsForgotten) {
  AddressLimit limit(2);
  for (uint64_t key = 0; key < 100; ++key) EXPECT_TRUE(limit.Take(key));
  EXPECT_EQ(limit.addresses(), 100u);
  for (uint64_t key = 0; key < 100; ++key) limit.GiveBack(key);
  EXPECT_EQ(limit.addresses(), 0u);
}

TEST(AddressLimitTest, WithoutALimitNothingIsRemembered) {
  AddressLimit limit(0);
  for (int i = 0; i < 1000; ++i) EXPECT_TRUE(limit.Take(1));
  EXPECT_EQ(limit.addresses(), 0u);
  limit.GiveBack(1);
}

}  // namespace
}  // namespace gateway
