#include "producers/load/client_appender.h"

#include <atomic>

#include "eventlog-svc/client/channel.h"
#include "gtest/gtest.h"
#include "tests/support/fake_event_log.h"
#include "tests/support/status_matchers.h"

namespace eventlog {
namespace {

v1::Event SomeEvent() {
  v1::Event event;
  event.set_type("a");
  return event;
}

TEST(ClientAppenderTest, EventsAreAppendedAndFinishWaitsForThem) {
  FakeEventLog log;
  ClientAppender appender(NewChannel(log.address()), "", 1'000);
  std::atomic<int64_t> offsets{0};
  for (int i = 0; i < 10; ++i) {
    EXPECT_THAT(appender.Append(SomeEvent(), [&](const absl::StatusOr<int64_t>& offset) { offsets += *offset; }),
                IsOk());
  }
  appender.Push();
  appender.Finish();
  EXPECT_EQ(offsets, 45);
  EXPECT_EQ(appender.connections(), 1);
  EXPECT_EQ(appender.retries(), 0);
}

TEST(ClientAppenderTest, CountsWhatTheLogHadFromAnEarlierTry) {
  FakeEventLog log;
  std::atomic<int> tries{0};
  log.SetJudge([&](const v1::AppendRequest&) {
    return FakeEventLog::Verdict{
        tries++ == 1 ? FakeEventLog::Fate::kStoreAndDropConnection : FakeEventLog::Fate::kStore, {}};
  });
  ClientAppender appender(NewChannel(log.address()), "", 1'000);
  for (int i = 0; i < 3; ++i) {
    EXPECT_THAT(appender.Append(SomeEvent(), nullptr), IsOk());
    appender.Finish();
  }
  EXPECT_EQ(appender.duplicates(), 1);
  EXPECT_EQ(appender.retries(), 1);
  EXPECT_EQ(log.texts().size(), 3U);
}

TEST(ClientAppenderTest, AbortEndsWhatWaits) {
  FakeEventLog log;
  log.Hold(true);
  ClientAppender appender(NewChannel(log.address()), "", 1'000);
  absl::Status outcome;
  EXPECT_THAT(appender.Append(SomeEvent(), [&](const absl::StatusOr<int64_t>& offset) { outcome = offset.status(); }),
              IsOk());
  EXPECT_FALSE(appender.Flush(absl::InfinitePast()));
  appender.Abort();
  appender.Finish();
  EXPECT_THAT(outcome, StatusIs(absl::StatusCode::kUnavailable));
  EXPECT_THAT(appender.Append(SomeEvent(), nullptr), StatusIs(absl::StatusCode::kCancelled));
  log.Hold(false);
}

}  // namespace
}  // namespace eventlog
