#include "eventlog-svc/http/stats_page.h"

#include <string>

#include "boost/json/src.hpp"
#include "eventlog-svc/engine/memory/memory_engine.h"
#include "gtest/gtest.h"
#include "tests/support/log_driver.h"
#include "tests/support/status_matchers.h"

namespace eventlog {
namespace {

TEST(StatsPageTest, ItIsJsonWithTheNamesOfTheApi) {
  const auto engine = NewMemoryEngine({});
  ASSERT_THAT(Append(*engine->logs().front(), MakeBatch({"a", "b"})), IsOk());
  const boost::json::value page = boost::json::parse(StatsPage(*engine, absl::Seconds(12.9)));
  EXPECT_EQ(page.at("messages").as_int64(), 2);
  EXPECT_EQ(page.at("uptime_s").as_int64(), 12);
  EXPECT_EQ(page.at("engine").as_string(), "memory");
  EXPECT_FALSE(page.at("version").as_string().empty());
  const boost::json::value& log = page.at("logs").as_array().at(0);
  EXPECT_EQ(log.at("log").as_string(), "events");
  EXPECT_EQ(log.at("start_offset").as_string(), "0");  // 64-bit numbers are strings in proto3 JSON
  EXPECT_EQ(log.at("head_offset").as_string(), "2");
  EXPECT_EQ(log.at("record_count").as_string(), "2");
  EXPECT_TRUE(log.as_object().contains("newest_append_time"));
}

TEST(StatsPageTest, NoTimePassesBackwards) {
  const auto engine = NewMemoryEngine({});
  EXPECT_EQ(boost::json::parse(StatsPage(*engine, absl::Seconds(-100))).at("uptime_s").as_int64(), 0);
}

}  // namespace
}  // namespace eventlog
