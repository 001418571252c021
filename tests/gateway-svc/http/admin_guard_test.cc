#include "gateway-svc/http/admin_guard.h"

#include "gmock/gmock.h"
#include "gtest/gtest.h"

namespace gateway {
namespace {

using testing::HasSubstr;

TEST(AdminGuardTest, AddressesAndLocalhostMayPass) {
  for (const char* host : {"127.0.0.1:7433", "127.0.0.1", "192.0.2.7:1", "[::1]:7433", "[2001:db8::1]", "localhost",
                           "LOCALHOST:7433", ""}) {
    EXPECT_EQ(AdminRefusal(false, host), "") << host;
  }
}

TEST(AdminGuardTest, NamesMayNot) {
  for (const char* host : {"evil.example", "evil.example:7433", "localhost.evil.example", "127.0.0.1.evil.example:7433",
                           "[evil]:1", "[]", ":7433", "127.0.0.1.", "0x7f000001", "2130706433", "a b"}) {
    EXPECT_THAT(AdminRefusal(false, host), HasSubstr(host)) << host;
  }
}

TEST(AdminGuardTest, WebPagesMayNot) { EXPECT_THAT(AdminRefusal(true, "127.0.0.1:7433"), HasSubstr("Origin")); }

}  // namespace
}  // namespace gateway
