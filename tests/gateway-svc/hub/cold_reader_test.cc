#include "gateway-svc/hub/cold_reader.h"

#include "gtest/gtest.h"
#include "tests/gateway-svc/hub/hub_fixture.h"

namespace gateway {
namespace {

TEST(ColdReaderTest, AHerdAtManyPlacesReadsEachPageOnce) {
  FakePages pages(2'000);
  pages.hold = true;
  ColdReader cold(pages, 1 << 20);
  int woken = 0;
  for (int client = 0; client < 100; ++client) {
    const auto block = cold.Find(kEpoch, 1024 + 7 * client, [&] { ++woken; });
    ASSERT_TRUE(block.ok());
    EXPECT_EQ(nullptr, *block);
  }
  EXPECT_EQ(1, pages.reads);
  EXPECT_EQ(0, woken);
  pages.AnswerHeld();
  EXPECT_EQ(100, woken);
  for (int64_t offset = 1024; offset < 2048; ++offset) {
    const auto block = cold.Find(kEpoch, offset, [] {});
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
  EXPECT_EQ(nullptr, *cold.Find(kEpoch, 500, [] {}));
  EXPECT_EQ(nullptr, *cold.Find(kEpoch, 500, [] {}));
  EXPECT_EQ(500, (*cold.Find(kEpoch, 500, [] {}))->start_offset);
  EXPECT_EQ(2, pages.reads);
  // One that comes from below stops where it is known.
  EXPECT_EQ(nullptr, *cold.Find(kEpoch, 495, [] {}));
  EXPECT_EQ(500, (*cold.Find(kEpoch, 495, [] {}))->next_offset);
  EXPECT_EQ(3, pages.reads);
}

TEST(ColdReaderTest, TheCacheStaysWithinItsBytes) {
  FakePages pages(10);
  ColdReader cold(pages, 5'000);
  for (int64_t offset = 0; offset < 1'000; offset += 10) {
    (void)cold.Find(kEpoch, offset, [] {});
    EXPECT_LE(cold.cache_bytes(), 5'000u);
  }
  EXPECT_GT(cold.reads(), 90);
}

TEST(ColdReaderTest, AFailedReadIsToldAndNobodyIsLeftWaiting) {
  FakePages pages(10);
  pages.failure = absl::UnavailableError("the log is away");
  ColdReader cold(pages, 1 << 20);
  int woken = 0;
  EXPECT_EQ(nullptr, *cold.Find(kEpoch, 0, [&] { ++woken; }));
  EXPECT_EQ(1, woken);
  EXPECT_TRUE(absl::IsUnavailable(cold.Find(kEpoch, 0, [] {}).status()));
  // Another page is not held up by it.
  pages.failure = absl::OkStatus();
  EXPECT_EQ(nullptr, *cold.Find(kEpoch, 1024, [] {}));
  EXPECT_NE(nullptr, *cold.Find(kEpoch, 1024, [] {}));
}

TEST(ColdReaderTest, APageOfAnotherLogIsNotServed) {
  FakePages pages(10);
  ColdReader cold(pages, 1 << 20);
  EXPECT_EQ(nullptr, *cold.Find("00000000000000bb", 0, [] {}));
  EXPECT_FALSE(cold.Find("00000000000000bb", 0, [] {}).ok());
}

TEST(ColdReaderTest, AnAnswerThatComesLateFindsNobodyAndHarmsNobody) {
  FakePages pages(10);
  pages.hold = true;
  {
    ColdReader cold(pages, 1 << 20);
    EXPECT_EQ(nullptr, *cold.Find(kEpoch, 0, [] {}));
  }
  pages.AnswerHeld();
}

}  // namespace
}  // namespace gateway
