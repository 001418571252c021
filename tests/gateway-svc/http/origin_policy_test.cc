#include "gateway-svc/http/origin_policy.h"

#include "gtest/gtest.h"

namespace gateway {
namespace {

TEST(OriginPolicyTest, ByDefaultOwnAndLoopbackPages) {
  const OriginPolicy policy({});
  EXPECT_TRUE(policy.Allows("", "gateway:7432"));
  EXPECT_TRUE(policy.Allows("http://192.0.2.7:7432", "192.0.2.7:7432"));
  EXPECT_TRUE(policy.Allows("http://[2001:db8::7]:7432", "[2001:db8::7]:7432"));
  EXPECT_TRUE(policy.Allows("http://localhost:3000", "gateway"));
  EXPECT_TRUE(policy.Allows("https://127.0.0.1", "gateway"));
  EXPECT_TRUE(policy.Allows("http://[::1]:8080", "gateway"));
  EXPECT_TRUE(policy.Allows("http://app.localhost:8080", "gateway"));
}

TEST(OriginPolicyTest, ByDefaultNobodyElse) {
  const OriginPolicy policy({});
  for (const char* origin : {"https://evil.example", "null", "http://gateway:7433", "http://localhost.evil.example",
                             "http://127.0.0.1.evil.example", "file://", "evil", "http://evil.example/localhost"}) {
    EXPECT_FALSE(policy.Allows(origin, "gateway:7432")) << origin;
  }
}

TEST(OriginPolicyTest, ANameThatPointsHereIsNotTheGatewaysOwn) {
  // The page's owner lets evil.example point to this machine (DNS rebinding): Origin and Host agree.
  EXPECT_FALSE(OriginPolicy({}).Allows("http://evil.example:7432", "evil.example:7432"));
  EXPECT_FALSE(OriginPolicy({}).Allows("http://127.evil:7432", "127.evil:7432"));
  EXPECT_FALSE(OriginPolicy({}).Allows("http://192.0.2.7:7432", "192.0.2.8:7432"));
}

TEST(OriginPolicyTest, AListIsExact) {
  const OriginPolicy policy({"https://app.example.com", "https://b.example.com:8443"});
  EXPECT_TRUE(policy.Allows("https://app.example.com", "gateway"));
  EXPECT_TRUE(policy.Allows("https://b.example.com:8443", "gateway"));
  EXPECT_TRUE(policy.Allows("", "gateway"));
  EXPECT_FALSE(policy.Allows("http://app.example.com", "gateway"));
  EXPECT_FALSE(policy.Allows("https://app.example.com.evil", "gateway"));
  EXPECT_FALSE(policy.Allows("http://localhost", "gateway"));
  EXPECT_FALSE(policy.Allows("http://gateway", "gateway"));
}

TEST(OriginPolicyTest, AStarAllowsAll) { EXPECT_TRUE(OriginPolicy({"*"}).Allows("https://any.example", "gateway")); }

}  // namespace
}  // namespace gateway
