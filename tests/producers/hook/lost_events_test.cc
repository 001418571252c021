#include "producers/hook/lost_events.h"

#include <fcntl.h>
#include <sys/file.h>
#include <unistd.h>

#include <filesystem>
#include <string>
#include <thread>
#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"

namespace eventlog {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;
using testing::Pair;

class LostEventsTest : public testing::Test {
 protected:
  LostEventsTest()
      : folder_(absl::StrCat(testing::TempDir(), "/", testing::UnitTest::GetInstance()->current_test_info()->name())) {
    std::filesystem::create_directories(folder_);
  }
  // What is told now.
  std::vector<std::pair<int64_t, int64_t>> Told(bool taken = true) {
    std::vector<std::pair<int64_t, int64_t>> told;
    LostEvents(folder_).Tell([&](int64_t lost, int64_t total) {
      told.emplace_back(lost, total);
      return taken;
    });
    return told;
  }

  const std::string folder_;
};

TEST_F(LostEventsTest, WhatIsLostIsToldOnceAndStaysCounted) {
  LostEvents lost(folder_);
  EXPECT_EQ(0, lost.Total());
  EXPECT_THAT(Told(), IsEmpty());
  EXPECT_TRUE(lost.Add(1));
  EXPECT_TRUE(lost.Add(3));
  EXPECT_EQ(4, lost.Total());
  EXPECT_THAT(Told(/*taken=*/false), ElementsAre(Pair(4, 4)));
  EXPECT_THAT(Told(), ElementsAre(Pair(4, 4)));
  EXPECT_THAT(Told(), IsEmpty());
  EXPECT_TRUE(lost.Add(2));
  EXPECT_THAT(Told(), ElementsAre(Pair(2, 6)));
  EXPECT_EQ(6, lost.Total());
}

TEST_F(LostEventsTest, NoneIsMissedWhenManyCountAndTellAtOnce) {
  std::vector<std::thread> threads;
  std::vector<int64_t> told(8);
  for (size_t i = 0; i < told.size(); ++i) {
    threads.emplace_back([&, i] {
      LostEvents lost(folder_);
      for (int round = 0; round < 100; ++round) {
        EXPECT_TRUE(lost.Add(1));
        lost.Tell([&](int64_t events, int64_t) {
          told[i] += events;
          return true;
        });
      }
    });
  }
  for (std::thread& thread : threads) thread.join();
  int64_t all = 0;
  for (const auto& [events, total] : Told()) all += events;
  for (const int64_t events : told) all += events;
  EXPECT_EQ(800, all);
  EXPECT_EQ(800, LostEvents(folder_).Total());
}

TEST_F(LostEventsTest, OneThatHoldsTheLockForGoodHoldsNobodyUp) {
  LostEvents lost(folder_);
  EXPECT_TRUE(lost.Add(1));
  for (const char* name : {LostEvents::kFileName, LostEvents::kToldFileName}) {
    const int file = open(absl::StrCat(folder_, "/", name).c_str(), O_RDWR | O_CREAT, 0600);
    ASSERT_EQ(0, flock(file, LOCK_EX));
  }
  EXPECT_THAT(Told(), IsEmpty());
  EXPECT_FALSE(lost.Add(1));
}

TEST_F(LostEventsTest, WhatIsNoFileOfOursIsLeftAlone) {
  const std::string other = folder_ + "/other";
  ASSERT_EQ(0, symlink(other.c_str(), absl::StrCat(folder_, "/", LostEvents::kFileName).c_str()));
  EXPECT_FALSE(LostEvents(folder_).Add(1));
  EXPECT_FALSE(std::filesystem::exists(other));
  EXPECT_EQ(0, LostEvents(folder_).Total());
  EXPECT_FALSE(LostEvents(folder_ + "/none").Add(1));
}

}  // namespace
}  // namespace eventlog
