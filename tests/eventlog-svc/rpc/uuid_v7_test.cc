#include "eventlog-svc/rpc/uuid_v7.h"

#include <set>
#include <string>
#include <thread>
#include <vector>

#include "gmock/gmock.h"
#include "gtest/gtest.h"

namespace eventlog {
namespace {

using testing::MatchesRegex;
using testing::StartsWith;

const absl::Time kTime = absl::FromUnixMillis(0x0193'8a5b'7c00);

TEST(UuidV7Test, VersionVariantAndTimeAreInTheirPlaces) {
  UuidV7Generator ids;
  for (int i = 0; i < 1000; ++i) {
    const std::string id(UuidView(ids.Next(kTime)));
    ASSERT_THAT(id, MatchesRegex("[0-9a-f]{8}-[0-9a-f]{4}-7[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}"));
    ASSERT_THAT(id, StartsWith("01938a5b-7c00-7"));
  }
}

TEST(UuidV7Test, IdsSortAsTheyWereMadeAlsoWhenTheClockStandsOrGoesBack) {
  UuidV7Generator ids;
  std::string last;
  // More than the counter can count within one millisecond.
  for (int i = 0; i < 20'000; ++i) {
    const std::string id(UuidView(ids.Next(i % 3 == 0 ? kTime - absl::Seconds(1) : kTime)));
    ASSERT_LT(last, id);
    last = id;
  }
}

TEST(UuidV7Test, ThreadsNeverGetTheSameId) {
  UuidV7Generator ids;
  std::vector<std::vector<std::string>> made(4);
  std::vector<std::thread> threads;
  for (auto& mine : made) {
    threads.emplace_back([&] {
      for (int i = 0; i < 5000; ++i) mine.emplace_back(UuidView(ids.Next(kTime)));
    });
  }
  for (std::thread& thread : threads) thread.join();
  std::set<std::string> all;
  for (const auto& mine : made) all.insert(mine.begin(), mine.end());
  EXPECT_EQ(all.size(), 20'000u);
}

}  // namespace
}  // namespace eventlog
