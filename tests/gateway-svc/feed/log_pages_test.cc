#include "gateway-svc/feed/log_pages.h"

#include <cstdint>
#include <functional>
#include <utility>
#include <vector>

#include "absl/synchronization/notification.h"
#include "eventlog-svc/client/channel.h"
#include "gtest/gtest.h"
#include "tests/gateway-svc/feed/fake_log_service.h"

namespace gateway {
namespace {

class LogPagesTest : public testing::Test {
 protected:
  absl::StatusOr<LogPage> Read(LogPages& pages, int64_t offset, int64_t until_offset = 1 << 20) {
    absl::Notification done;
    absl::StatusOr<LogPage> result;
    pages.ReadPage(offset, until_offset, [&](absl::StatusOr<LogPage> page) {
      result = std::move(page);
      done.Notify();
    });
    done.WaitForNotification();
    return result;
  }

  static absl::StatusOr<LogPosition> FindTail(LogPages& pages, int64_t count) {
    return Find([&](auto done) { pages.FindTail(count, std::move(done)); });
  }
  static absl::StatusOr<LogPosition> FindTime(LogPages& pages, absl::Time time) {
    return Find([&](auto done) { pages.FindTime(time, std::move(done)); });
  }

  FakeLogService log_;
  LogPages pages_{eventlog::NewChannel(log_.address()), "events"};

 private:
  template <typename Ask>
  static absl::StatusOr<LogPosition> Find(Ask ask) {
    absl::Notification answered;
    absl::StatusOr<LogPosition> result;
    ask(std::function<void(absl::StatusOr<LogPosition>)>([&](absl::StatusOr<LogPosition> found) {
      result = std::move(found);
      answered.Notify();
    }));
    answered.WaitForNotification();
    return result;
  }
};

TEST_F(LogPagesTest, APageIsTheBlockOfWhatWasRead) {
  log_.Grow(5'000);
  const absl::StatusOr<LogPage> page = Read(pages_, 100);
  ASSERT_TRUE(page.ok());
  EXPECT_EQ("00000000000000aa", page->epoch);
  ASSERT_EQ(1u, page->blocks.size());
  EXPECT_EQ(100, page->blocks[0]->start_offset);
  EXPECT_EQ(page->next_offset, page->blocks[0]->next_offset);
  EXPECT_EQ(100, page->blocks[0]->events.front().offset);
  EXPECT_EQ(page->next_offset - 1, page->blocks[0]->events.back().offset);
}

TEST_F(LogPagesTest, APageEndsWhereItIsToldTo) {
  log_.Grow(5'000);
  const absl::StatusOr<LogPage> page = Read(pages_, 100, 130);
  ASSERT_TRUE(page.ok());
  EXPECT_EQ(130, page->next_offset);
  EXPECT_EQ(130, page->blocks.back()->next_offset);
  EXPECT_EQ(129, page->blocks.back()->events.back().offset);
}

TEST_F(LogPagesTest, AGapIsBetweenTheBlocksOfWhatStandsBeforeAndBehindIt) {
  log_.Grow(50);
  log_.Damage(30, 40);
  const absl::StatusOr<LogPage> page = Read(pages_, 25, 45);
  ASSERT_TRUE(page.ok());
  EXPECT_EQ(45, page->next_offset);
  ASSERT_EQ(3u, page->blocks.size());
  EXPECT_EQ(BlockGap::kCorrupt, page->blocks[1]->gap);
  const std::vector<std::pair<int64_t, int64_t>> ranges = {{25, 30}, {30, 40}, {40, 45}};
  for (size_t i = 0; i < ranges.size(); ++i) {
    EXPECT_EQ(ranges[i].first, page->blocks[i]->start_offset);
    EXPECT_EQ(ranges[i].second, page->blocks[i]->next_offset);
  }
  for (const size_t i : {0, 2}) {
    ASSERT_EQ(5u, page->blocks[i]->events.size());
    EXPECT_EQ(ranges[i].first, page->blocks[i]->events.front().offset);
    EXPECT_EQ(ranges[i].second - 1, page->blocks[i]->events.back().offset);
  }
}

TEST_F(LogPagesTest, AGapThatReachesBeyondTheEndStaysWhole) {
  log_.Grow(50);
  log_.Damage(30, 40);
  const absl::StatusOr<LogPage> page = Read(pages_, 32, 35);
  ASSERT_TRUE(page.ok());
  ASSERT_EQ(1u, page->blocks.size());
  EXPECT_EQ(BlockGap::kCorrupt, page->blocks[0]->gap);
  EXPECT_EQ(32, page->blocks[0]->start_offset);
  EXPECT_EQ(40, page->blocks[0]->next_offset);
  EXPECT_EQ(40, page->next_offset);
}

TEST_F(LogPagesTest, TheTailAndATimeAreFoundByTheLog) {
  log_.Grow(50);
  const absl::StatusOr<LogPosition> tail = FindTail(pages_, 20);
  ASSERT_TRUE(tail.ok()) << tail.status();
  EXPECT_EQ(30, tail->offset);
  EXPECT_EQ("00000000000000aa", tail->epoch);
  EXPECT_EQ(50, FindTail(pages_, 0)->offset);
  EXPECT_EQ(44, FindTime(pages_, absl::FromUnixSeconds(44))->offset);
  EXPECT_EQ(50, FindTime(pages_, absl::FromUnixSeconds(99))->offset);
}

TEST_F(LogPagesTest, WhoStartsInAGapStartsAtItsBegin) {
  log_.Grow(50);
  log_.Damage(30, 40);
  EXPECT_EQ(30, FindTail(pages_, 20)->offset);
  EXPECT_EQ(33, FindTime(pages_, absl::FromUnixSeconds(33))->offset);
  EXPECT_EQ(40, FindTail(pages_, 10)->offset);
}

TEST_F(LogPagesTest, AReadUnderWayEndsWithIt) {
  log_.Grow(50);
  log_.Hang();
  absl::StatusOr<LogPage> result;
  {
    LogPages pages(eventlog::NewChannel(log_.address()), "events");
    pages.ReadPage(0, 1024, [&](absl::StatusOr<LogPage> page) { result = std::move(page); });
    log_.AwaitHungRead();
  }
  EXPECT_TRUE(absl::IsCancelled(result.status())) << result.status();
}

TEST_F(LogPagesTest, EveryQuestionIsAnsweredWhenItStops) {
  int answers = 0;
  absl::Mutex mutex;
  {
    LogPages pages(eventlog::NewChannel("127.0.0.1:1"), "events");
    for (int i = 0; i < 3'000; ++i) {
      pages.ReadPage(i, i + 10, [&](const absl::StatusOr<LogPage>& page) {
        absl::MutexLock lock(&mutex);
        EXPECT_FALSE(page.ok());
        ++answers;
      });
    }
  }
  EXPECT_EQ(3'000, answers);
}

}  // namespace
}  // namespace gateway
