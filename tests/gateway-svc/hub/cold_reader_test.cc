#include "gateway-svc/hub/cold_reader.h"

#include "gtest/gtest.h"
#include "tests/gateway-svc/hub/hub_fixture.h"

namespace gateway {
namespace {

TEST(ColdReaderTest, AHerdReadsEachPageOnce) {
  FakePages pages(10);
  pages.hold = true;
  ColdReader cold(pages, 1 << 20);
  int woken = 0;
  for (int client = 0; client < 100; ++client) {
    const auto block = cold.Find(kEpoch, 20, [&] { ++woken; });
    ASSERT_TRUE(block.ok());
    EXPECT_EQ(nullptr, *block);
  }
  EXPECT_EQ(1, pages.reads);
  EXPECT_EQ(0, woken);
  pages.AnswerHeld();
  EXPECT_EQ(100, woken);
  for (int64_t offset = 20; offset < 30; ++offset) {
    const auto block = cold.Find(kEpoch, offset, [] {});
    ASSERT_TRUE(block.ok());
    ASSERT_NE(nullptr, *block);
    EXPECT_EQ(20, (*block)->start_offset);
  }
  EXPECT_EQ(1, pages.reads);
}

TEST(ColdReaderTest, TheCacheStaysWithinItsBytes) {
  FakePages pages(10);
  ColdReader cold(pages, 5'000);
  for (int64_t offset = 0; offset < 1'000; offset += 10) {
    (void)cold.Find(kEpoch, offset, [] {});
    EXPECT_LE(cold.cache_bytes(), 5'000u);
  }
  EXPECT_EQ(100, cold.reads());
}

TEST(ColdReaderTest, AFailedReadIsToldAndNobodyIsLeftWaiting) {
  FakePages pages(10);
  pages.failure = absl::UnavailableError("the log is away");
  ColdReader cold(pages, 1 << 20);
  int woken = 0;
  EXPECT_EQ(nullptr, *cold.Find(kEpoch, 0, [&] { ++woken; }));
  EXPECT_EQ(1, woken);
  EXPECT_TRUE(absl::IsUnavailable(cold.Find(kEpoch, 0, [] {}).status()));
  // Another offset is not held up by it.
  pages.failure = absl::OkStatus();
  EXPECT_EQ(nullptr, *cold.Find(kEpoch, 10, [] {}));
  EXPECT_NE(nullptr, *cold.Find(kEpoch, 10, [] {}));
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
