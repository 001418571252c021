#include "gateway-svc/hub/cold_reader.h"

#include <memory>
#include <vector>

#include "gtest/gtest.h"
#include "tests/gateway-svc/hub/hub_fixture.h"

namespace gateway {
namespace {

TEST(ColdReaderTest, AHerdAtManyPlacesReadsEachPageOnce) {
  FakePages pages(2'000);
  pages.hold = true;
  ColdReader cold(pages, 1 << 20);
  std::vector<std::shared_ptr<CountingWaiter>> shards;
  for (int i = 0; i < 3; ++i) shards.push_back(std::make_shared<CountingWaiter>());
  for (int client = 0; client < 100; ++client) {
    const auto block = cold.Find(kEpoch, 1024 + 7 * client, shards[client % 3]);
    ASSERT_TRUE(block.ok());
    EXPECT_EQ(nullptr, *block);
  }
  EXPECT_EQ(1, pages.reads);
  EXPECT_EQ(0, shards[0]->heard);
  pages.AnswerHeld();
  for (const auto& shard : shards) EXPECT_EQ(1, shard->heard) << "once, for all its clients";
  for (int64_t offset = 1024; offset < 2048; ++offset) {
    const auto block = cold.Find(kEpoch, offset, nullptr);
    ASSERT_TRUE(block.ok());
    ASSERT_NE(nullptr, *block);
    EXPECT_EQ(1024, (*block)->start_offset);
    EXPECT_EQ(2048, (*block)->next_offset);
  }
  EXPECT_EQ(1, pages.reads);
}

TEST(ColdReaderTest, WhereEventsAreLargeAPageIsReadInPartsWithoutOverlap) {
  FakePages pages(10);
  ColdReader cold(pages, 1 << 20);
  // The first read begins with the page and does not come as far as 500; the second begins there.
  EXPECT_EQ(nullptr, *cold.Find(kEpoch, 500, nullptr));
  EXPECT_EQ(nullptr, *cold.Find(kEpoch, 500, nullptr));
  EXPECT_EQ(500, (*cold.Find(kEpoch, 500, nullptr))->start_offset);
  EXPECT_EQ(2, pages.reads);
  // One that comes from below stops where it is known.
  EXPECT_EQ(nullptr, *cold.Find(kEpoch, 495, nullptr));
  EXPECT_EQ(500, (*cold.Find(kEpoch, 495, nullptr))->next_offset);
  EXPECT_EQ(3, pages.reads);
}

TEST(ColdReaderTest, TheCacheStaysWithinItsBytes) {
  FakePages pages(10);
  ColdReader cold(pages, 5'000);
  for (int64_t offset = 0; offset < 1'000; offset += 10) {
    (void)cold.Find(kEpoch, offset, nullptr);
    EXPECT_LE(cold.cache_bytes(), 5'000u);
  }
  EXPECT_GT(cold.reads(), 90);
}

TEST(ColdReaderTest, AFailedReadIsToldAndNobodyIsLeftWaiting) {
  FakePages pages(10);
  pages.failure = absl::UnavailableError("the log is away");
  ColdReader cold(pages, 1 << 20);
  const auto waiter = std::make_shared<CountingWaiter>();
  EXPECT_EQ(nullptr, *cold.Find(kEpoch, 0, waiter));
  EXPECT_EQ(1, waiter->heard);
  EXPECT_TRUE(absl::IsUnavailable(cold.Find(kEpoch, 0, nullptr).status()));
  // Another page is not held up by it.
  pages.failure = absl::OkStatus();
  EXPECT_EQ(nullptr, *cold.Find(kEpoch, 1024, nullptr));
  EXPECT_NE(nullptr, *cold.Find(kEpoch, 1024, nullptr));
}

TEST(ColdReaderTest, APageOfAnotherLogIsNotServed) {
  FakePages pages(10);
  ColdReader cold(pages, 1 << 20);
  EXPECT_EQ(nullptr, *cold.Find("00000000000000bb", 0, nullptr));
  EXPECT_FALSE(cold.Find("00000000000000bb", 0, nullptr).ok());
}

TEST(ColdReaderTest, WhatFailedForALogThatWasReplacedIsNotToldOfTheNewOne) {
  FakePages pages(10);
  pages.hold = true;
  ColdReader cold(pages, 1 << 20);
  EXPECT_EQ(nullptr, *cold.Find("00000000000000bb", 0, std::make_shared<CountingWaiter>()));
  const auto waiter = std::make_shared<CountingWaiter>();
  EXPECT_EQ(nullptr, *cold.Find(kEpoch, 0, waiter)) << "waits for the read that is under way";
  EXPECT_EQ(1, pages.reads);
  pages.failure = absl::UnavailableError("the log was created anew");
  pages.AnswerHeld();
  EXPECT_EQ(1, waiter->heard);
  pages.failure = absl::OkStatus();
  const auto again = cold.Find(kEpoch, 0, waiter);
  ASSERT_TRUE(again.ok()) << again.status();
  pages.AnswerHeld();
  EXPECT_EQ(2, waiter->heard);
  EXPECT_NE(nullptr, *cold.Find(kEpoch, 0, nullptr));
}

TEST(ColdReaderTest, AnAnswerThatComesLateFindsNobodyAndHarmsNobody) {
  FakePages pages(10);
  pages.hold = true;
  {
    ColdReader cold(pages, 1 << 20);
    EXPECT_EQ(nullptr, *cold.Find(kEpoch, 0, std::make_shared<CountingWaiter>()));
  }
  pages.AnswerHeld();
}

// Pages of three blocks.
class ThreeBlocks : public PageReader {
 public:
  void ReadPage(int64_t offset, int64_t until_offset, std::function<void(absl::StatusOr<LogPage>)> done) override {
    LogPage page;
    page.epoch = kEpoch;
    for (int i = 0; i < 3 && offset < until_offset; ++i, offset += 10) {
      page.blocks.push_back(Block(offset, std::min(until_offset, offset + 10)));
    }
    page.next_offset = page.blocks.back()->next_offset;
    done(std::move(page));
  }
  void FindTime(absl::Time, std::function<void(absl::StatusOr<LogPosition>)>) override {}
  void FindTail(int64_t, std::function<void(absl::StatusOr<LogPosition>)>) override {}
};

TEST(ColdReaderTest, EachBlockOfAPageThatIsLargerThanTheCacheIsReached) {
  ThreeBlocks pages;
  for (const int64_t wanted : {0, 9, 15, 25, 29, 31}) {
    ColdReader reader(pages, /*cache_bytes_max=*/1);
    EventBlockPtr block;
    for (int tries = 0; tries < 5 && block == nullptr; ++tries)
      block = *reader.Find(kEpoch, wanted, std::make_shared<CountingWaiter>());
    ASSERT_NE(block, nullptr) << wanted;
    EXPECT_LE(block->start_offset, wanted);
    EXPECT_GT(block->next_offset, wanted);
  }
}

}  // namespace
}  // namespace gateway
