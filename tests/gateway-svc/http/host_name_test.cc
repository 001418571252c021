#include "gateway-svc/http/host_name.h"

#include "gtest/gtest.h"

namespace gateway {
namespace {

TEST(HostNameTest, ThePortIsCutBehindTheHost) {
  EXPECT_EQ(WithoutPort("a.example:80"), "a.example");
  EXPECT_EQ(WithoutPort("a.example"), "a.example");
  EXPECT_EQ(WithoutPort("[::1]:80"), "[::1]");
  EXPECT_EQ(WithoutPort("[::1]"), "[::1]");
  EXPECT_EQ(WithoutPort(":80"), "");
}

TEST(HostNameTest, OnlyWhatIsWrittenAsAnAddressIsOne) {
  for (const char* address : {"127.0.0.1", "192.0.2.7", "[::1]", "[2001:db8::1]"}) {
    EXPECT_TRUE(IsIpAddress(address)) << address;
  }
  for (const char* name : {"", "[]", "[evil]", "[::1", "::1", "127.0.0.1.", "2130706433", "0x7f000001", "localhost",
                           "127.0.0.1.evil.example"}) {
    EXPECT_FALSE(IsIpAddress(name)) << name;
  }
}

TEST(HostNameTest, TheLoopbackHasNamesAndAddresses) {
  for (const char* host : {"localhost", "LocalHost", "app.localhost", "127.0.0.1", "127.9.9.9", "[::1]"}) {
    EXPECT_TRUE(IsLoopback(host)) << host;
  }
  for (const char* host : {"", "localhost.evil.example", "127.0.0.1.evil.example", "evillocalhost", "192.0.2.7"}) {
    EXPECT_FALSE(IsLoopback(host)) << host;
  }
}

}  // namespace
}  // namespace gateway
