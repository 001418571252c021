#include "gateway-svc/feed/log_pages.h"

#include "absl/synchronization/notification.h"
#include "eventlog-svc/client/channel.h"
#include "gtest/gtest.h"
#include "tests/gateway-svc/feed/fake_log_service.h"

namespace gateway {
namespace {

class LogPagesTest : public testing::Test {
 protected:
  absl::StatusOr<LogPage> Read(LogPages& pages, int64_t offset) {
    absl::Notification done;
    absl::StatusOr<LogPage> result;
    pages.ReadPage(offset, [&](absl::StatusOr<LogPage> page) {
      result = std::move(page);
      done.Notify();
    });
    done.WaitForNotification();
    return result;
  }

  FakeLogService log_;
};

TEST_F(LogPagesTest, APageIsTheBlockOfWhatWasRead) {
  log_.Grow(5'000);
  LogPages pages(eventlog::NewChannel(log_.address()), "events");
  const absl::StatusOr<LogPage> page = Read(pages, 100);
  ASSERT_TRUE(page.ok());
  EXPECT_EQ("00000000000000aa", page->epoch);
  ASSERT_EQ(1u, page->blocks.size());
  EXPECT_EQ(100, page->blocks[0]->start_offset);
  EXPECT_EQ(page->next_offset, page->blocks[0]->next_offset);
  EXPECT_EQ(100, page->blocks[0]->events.front().offset);
  EXPECT_EQ(page->next_offset - 1, page->blocks[0]->events.back().offset);
}

TEST_F(LogPagesTest, TheTailIsFoundByTheLog) {
  log_.Grow(50);
  LogPages pages(eventlog::NewChannel(log_.address()), "events");
  absl::Notification done;
  pages.FindTail(20, [&](const absl::StatusOr<int64_t>& offset) {
    EXPECT_TRUE(offset.ok());
    EXPECT_EQ(30, *offset);
    done.Notify();
  });
  done.WaitForNotification();
}

TEST_F(LogPagesTest, EveryQuestionIsAnsweredWhenItStops) {
  int answers = 0;
  absl::Mutex mutex;
  {
    LogPages pages(eventlog::NewChannel("127.0.0.1:1"), "events");
    for (int i = 0; i < 3'000; ++i) {
      pages.ReadPage(i, [&](const absl::StatusOr<LogPage>& page) {
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
