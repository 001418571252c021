#include "gateway-svc/http/disconnect_log.h"

#include <string>
#include <thread>
#include <vector>

#include "absl/strings/str_cat.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"

namespace gateway {
namespace {

using testing::ElementsAre;

DisconnectInfo Gone(const std::string& id, size_t filter_bytes = 0) {
  DisconnectInfo info;
  info.client.id = id;
  info.client.filter = std::string(filter_bytes, 'x');
  info.reason = "slow";
  return info;
}

std::vector<std::string> Ids(const DisconnectLog::Page& page) {
  std::vector<std::string> ids;
  for (const auto& info : page.newest_first) ids.push_back(info->client.id);
  return ids;
}

TEST(DisconnectLogTest, TheNewestComeFirstAndTheOldestGo) {
  DisconnectLog log(3);
  for (int i = 0; i < 5; ++i) log.Add(Gone(absl::StrCat(i)));
  EXPECT_THAT(Ids(log.Newest(10)), ElementsAre("4", "3", "2"));
  EXPECT_THAT(Ids(log.Newest(2)), ElementsAre("4", "3"));
  EXPECT_THAT(Ids(log.Newest(0)), ElementsAre());
  EXPECT_EQ(log.Newest(1).total, 5);
}

TEST(DisconnectLogTest, IsBoundedInBytesToo) {
  DisconnectLog log(1000, 10'000);
  for (int i = 0; i < 100; ++i) {
    log.Add(Gone(absl::StrCat(i), 3000));
    EXPECT_LE(log.bytes(), 10'000u);
  }
  EXPECT_THAT(Ids(log.Newest(10)), ElementsAre("99", "98"));
  log.Add(Gone("large", 20'000));
  EXPECT_THAT(Ids(log.Newest(10)), ElementsAre("large"));
  log.Add(Gone("small"));
  EXPECT_THAT(Ids(log.Newest(10)), ElementsAre("small"));
  EXPECT_LE(log.bytes(), 10'000u);
}

TEST(DisconnectLogTest, ManyAddWhileOneReads) {
  DisconnectLog log(100);
  std::vector<std::thread> shards;
  for (int shard = 0; shard < 4; ++shard) {
    shards.emplace_back([&log] {
      for (int i = 0; i < 2000; ++i) log.Add(Gone(absl::StrCat(i), 50));
    });
  }
  while (log.Newest(100).total < 8000) EXPECT_LE(log.Newest(1000).newest_first.size(), 100u);
  for (std::thread& shard : shards) shard.join();
  EXPECT_EQ(log.Newest(1000).newest_first.size(), 100u);
}

}  // namespace
}  // namespace gateway
