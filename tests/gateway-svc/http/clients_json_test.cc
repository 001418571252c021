#include "gateway-svc/http/clients_json.h"

#include <boost/json/parse.hpp>
#include <boost/json/serialize.hpp>
#include <boost/json/value.hpp>
#include <string>

#include "gtest/gtest.h"
#include "tests/gateway-svc/http/fake_shard.h"

namespace gateway {
namespace {

boost::json::object Parsed(const ClientList& list, const DisconnectLog& log, size_t limit) {
  return boost::json::parse(ClientsJson(list, log.Newest(limit), limit)).as_object();
}

TEST(ClientsJsonTest, ShowsWhatIsKnownOfAClient) {
  ClientInfo client = NamedClient("1-2", 7);
  client.address = "[::1]:80";
  client.transport = "websocket";
  client.phase = "streaming";
  client.cursor = "00000000000000aa:41";
  client.filter = R"({"types":["a\"b"]})";
  client.mode = "lossless";
  client.bytes_sent = 1;
  client.bytes_received = 2;
  client.bytes_pending = 3;
  client.age = absl::Milliseconds(1500);
  const boost::json::object json = Parsed({{client}, true}, DisconnectLog(), 10);
  EXPECT_TRUE(json.at("complete").as_bool());
  EXPECT_EQ(boost::json::serialize(json.at("clients")),
            R"([{"id":"1-2","address":"[::1]:80","transport":"websocket","phase":"streaming",)"
            R"("cursor":"00000000000000aa:41","behind_events":7,"bytes_sent":1,"bytes_received":2,"bytes_pending":3,)"
            R"("age_s":1.5E0,"mode":"lossless","filter":{"types":["a\"b"]}}])");
}

TEST(ClientsJsonTest, WhatIsNotThereYetIsNull) {
  const boost::json::object json = Parsed({{NamedClient("a")}, false}, DisconnectLog(), 10);
  EXPECT_FALSE(json.at("complete").as_bool());
  const boost::json::object client = json.at("clients").as_array().at(0).as_object();
  for (const char* name : {"cursor", "mode", "filter"}) EXPECT_TRUE(client.at(name).is_null()) << name;
}

TEST(ClientsJsonTest, ThoseFurthestBehindComeFirstAndTheTotalCountsAll) {
  const ClientList list{{NamedClient("a", 1), NamedClient("b", 9), NamedClient("d", 5), NamedClient("c", 5)}, true};
  const boost::json::object json = Parsed(list, DisconnectLog(), 3);
  EXPECT_EQ(json.at("clients_total").as_int64(), 4);
  std::string ids;
  for (const boost::json::value& client : json.at("clients").as_array()) ids += client.at("id").as_string().c_str();
  EXPECT_EQ(ids, "bcd");
  EXPECT_TRUE(Parsed(list, DisconnectLog(), 0).at("clients").as_array().empty());
}

TEST(ClientsJsonTest, ShowsWhoWentWhenAndWhy) {
  DisconnectLog log;
  for (const char* id : {"first", "second", "third"}) {
    DisconnectInfo gone;
    gone.client = NamedClient(id);
    gone.reason = "slow";
    gone.time = absl::FromUnixMillis(1'700'000'000'123);
    log.Add(gone);
  }
  const boost::json::object json = Parsed({}, log, 2);
  EXPECT_EQ(json.at("disconnects_total").as_int64(), 3);
  const boost::json::array& gone = json.at("disconnects").as_array();
  ASSERT_EQ(gone.size(), 2u);
  EXPECT_EQ(gone[0].at("id").as_string(), "third");
  EXPECT_EQ(gone[0].at("reason").as_string(), "slow");
  EXPECT_EQ(gone[0].at("time").as_string(), "2023-11-14T22:13:20.123Z");
  EXPECT_EQ(gone[1].at("id").as_string(), "second");
}

}  // namespace
}  // namespace gateway
