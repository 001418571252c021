#include "gateway-svc/http/status_json.h"

#include <boost/json/parse.hpp>
#include <boost/json/value.hpp>

#include "gtest/gtest.h"

namespace gateway {
namespace {

boost::json::object Parsed(const GatewayStatus& status) { return boost::json::parse(StatusJson(status)).as_object(); }

TEST(StatusJsonTest, HasTheNumbers) {
  GatewayStatus status;
  status.log = "a \"log\"";
  status.ring.connected = status.ring.ready = true;
  status.ring.epoch = "00000000000000aa";
  status.ring.head = 42;
  status.ring.log_head = 44;
  status.clients = 7;
  status.sse_clients = 1;
  status.accepts_refused_address = 5;
  status.http_responses[4] = 3;
  status.disconnects[0] = 2;
  status.process.open_files = 17;
  const boost::json::object json = Parsed(status);
  EXPECT_EQ(json.at("log").at("name").as_string(), "a \"log\"");
  EXPECT_EQ(json.at("log").at("head").as_int64(), 42);
  EXPECT_EQ(json.at("clients").as_int64(), 7);
  EXPECT_EQ(json.at("clients_by_transport").at("sse").as_int64(), 1);
  EXPECT_EQ(json.at("accepts").at("refused_address").as_int64(), 5);
  EXPECT_EQ(json.at("http_responses").at("4xx").as_int64(), 3);
  EXPECT_EQ(json.at("disconnects").at("client").as_int64(), 2);
  EXPECT_EQ(json.at("upstream").at("lag_events").as_int64(), 2);
  EXPECT_EQ(json.at("process").at("open_files").as_int64(), 17);
  EXPECT_TRUE(json.at("ready").as_bool());
  EXPECT_EQ(json.at("version").as_string(), kVersion);
}

TEST(StatusJsonTest, NamesEveryReasonOnce) {
  const boost::json::object disconnects = Parsed(GatewayStatus()).at("disconnects").as_object();
  EXPECT_EQ(disconnects.size(), kDisconnectReasons.size());
  for (const char* reason : kDisconnectReasons) EXPECT_TRUE(disconnects.contains(reason)) << reason;
}

}  // namespace
}  // namespace gateway
