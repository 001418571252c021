#include "producers/load/load_log.h"

#include "absl/strings/str_cat.h"
#include "absl/time/clock.h"
#include "eventlog-svc/client/channel.h"
#include "gtest/gtest.h"
#include "tests/conformance/live_service.h"
#include "tests/support/status_matchers.h"

namespace eventlog {
namespace {

using testing::HasSubstr;

absl::Time Deadline() { return absl::Now() + absl::Seconds(60); }
bool Always(int64_t) { return true; }

TEST(LoadLogTest, LogIsMadeAndDeleted) {
  LiveService service("memory");
  LoadLog log(service.channel(), "mine");
  EXPECT_THAT(log.Stats(Deadline()).status(), HasReason("LOG_NOT_FOUND"));
  EXPECT_THAT(log.Create(Deadline()), IsOk());
  EXPECT_THAT(log.Create(Deadline()), HasReason("LOG_EXISTS"));
  EXPECT_THAT(log.Stats(Deadline()), IsOk());
  EXPECT_THAT(log.Delete(Deadline()), IsOk());
  EXPECT_THAT(log.Stats(Deadline()).status(), HasReason("LOG_NOT_FOUND"));
}

TEST(LoadLogTest, AllOfARangeIsReadBackAndNothingElse) {
  LiveService service("memory");
  for (int i = 0; i < 25; ++i) ASSERT_THAT(service.Append(std::vector<std::string>(1000, "1")), IsOk());
  LoadLog log(service.channel(), "events");
  const std::string epoch = service.Stats().epoch();
  ChainVerifier all(nullptr), some(nullptr);
  ASSERT_THAT(log.ReadBack(0, 25'000, epoch, absl::Seconds(60), Always, all), IsOk());
  EXPECT_EQ(all.Finish().records_read, 25'000);
  ASSERT_THAT(log.ReadBack(11, 12'345, epoch, absl::Seconds(60), Always, some), IsOk());
  EXPECT_EQ(some.Finish().records_read, 12'334);
}

TEST(LoadLogTest, LogThatEndsTooEarlyOrIsAnotherOneIsSaid) {
  LiveService service("memory");
  ASSERT_THAT(service.Append({"1", "2"}), IsOk());
  LoadLog log(service.channel(), "events");
  const std::string epoch = service.Stats().epoch();
  ChainVerifier verifier(nullptr);
  EXPECT_THAT(log.ReadBack(0, 3, epoch, absl::Seconds(60), Always, verifier),
              StatusIs(absl::StatusCode::kDataLoss, HasSubstr("ends at offset 2, before 3")));
  EXPECT_THAT(log.ReadBack(0, 2, "other", absl::Seconds(60), Always, verifier),
              StatusIs(absl::StatusCode::kFailedPrecondition, HasSubstr("made anew")));
  EXPECT_THAT(log.ReadBack(
                  0, 2, epoch, absl::Seconds(60), [](int64_t) { return false; }, verifier),
              StatusIs(absl::StatusCode::kCancelled));
}

TEST(LoadLogTest, ServiceThatIsAwayIsTriedUntilTheDeadline) {
  LoadLog log(NewChannel("127.0.0.1:1"), "events");
  EXPECT_THAT(log.Stats(absl::Now()).status(), StatusIs(absl::StatusCode::kUnavailable));
  EXPECT_THAT(log.Create(absl::Now() + absl::Milliseconds(200)).code(),
              testing::AnyOf(absl::StatusCode::kUnavailable, absl::StatusCode::kDeadlineExceeded));
}

}  // namespace
}  // namespace eventlog
