#include "gateway-svc/http/traffic_counters.h"

#include <set>
#include <string>

#include "gateway-svc/websocket/close_code.h"
#include "gtest/gtest.h"

namespace gateway {
namespace {

TEST(TrafficCountersTest, EveryCloseCodeIsAReason) {
  const std::set<std::string> reasons(kDisconnectReasons.begin(), kDisconnectReasons.end());
  EXPECT_EQ(reasons.size(), kDisconnectReasons.size()) << "one of them twice";
  for (const CloseCode& code : {kCloseNormal, kCloseProtocolError, kCloseInvalidPayload, kCloseTooBig, kCloseInternal,
                                kCloseRestart, kCloseOverloaded, kCloseBadRequest, kCloseWrongEpoch, kCloseBeyondHead,
                                kCloseNoUpstream, kCloseSlow, kCloseNoPong}) {
    EXPECT_EQ(reasons.count(code.name), 1u) << code.name;
  }
}

TEST(TrafficCountersTest, AReasonOfNoListIsOther) {
  TrafficCounters counters;
  counters.CountDisconnect("no such reason");
  counters.CountDisconnect("client");
  EXPECT_STREQ(kDisconnectReasons.back(), "other");
  EXPECT_EQ(counters.disconnects.back().load(), 1);
  EXPECT_EQ(counters.disconnects.front().load(), 1);
}

TEST(TrafficCountersTest, ResponsesAreCountedByTheirHundreds) {
  TrafficCounters counters;
  for (const unsigned status : {101u, 200u, 204u, 431u, 0u, 600u}) counters.CountResponse(status);
  EXPECT_EQ(counters.http_responses[0].load(), 2);
  EXPECT_EQ(counters.http_responses[1].load(), 1);
  EXPECT_EQ(counters.http_responses[2].load(), 2);
  EXPECT_EQ(counters.http_responses[4].load(), 1);
}

}  // namespace
}  // namespace gateway
