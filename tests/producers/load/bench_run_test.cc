// Whole runs against a service in this process. What faults of the service make of them:
// tests/e2e/bench_command_test.py.

#include "producers/load/bench_run.h"

#include "absl/synchronization/notification.h"
#include "absl/time/clock.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "tests/conformance/live_service.h"
#include "tests/support/status_matchers.h"

namespace eventlog {
namespace {

using testing::HasSubstr;

class BenchRunTest : public testing::Test {
 protected:
  static BenchOptions Short() {
    BenchOptions options;
    options.sizes = *ParsePayloadSizes("1-500");
    options.count = 500;
    options.warmup = absl::ZeroDuration();
    options.batch_events = 10;
    options.drain = options.timeout = absl::Seconds(60);
    return options;
  }
  absl::StatusOr<BenchReport> Run(BenchOptions options, BenchTick tick = Wait) {
    return BenchRun(service_.server().grpc_address().ToString(), std::move(options), std::move(tick)).Run();
  }
  static bool Wait(const BenchProgress& progress) {
    absl::Notification never;
    if (progress.phase != "verification") never.WaitForNotificationWithTimeout(absl::Milliseconds(5));
    return false;
  }
  size_t logs() { return service_.server().engine().logs().size(); }

  LiveService service_{"memory"};
};

TEST_F(BenchRunTest, EveryModeVerifiesWhatItAppended) {
  const size_t before = logs();
  for (const AppendWay way : {AppendWay::kClient, AppendWay::kStream, AppendWay::kUnary}) {
    for (const bool open : {false, true}) {
      BenchOptions options = Short();
      options.append = way;
      options.producers = 3;
      if (open) options.rate_per_s = 5'000;
      const auto report = Run(options);
      ASSERT_THAT(report, IsOk());
      EXPECT_TRUE(report->sound()) << ToText(*report);
      EXPECT_EQ(report->verification.Headline(), "every event came back unchanged: 500 of 500");
      EXPECT_EQ(report->verification.records_read, 500);
      EXPECT_EQ(report->appends.latency.count(), 500);
      EXPECT_EQ(report->verification.producers, 3);
      EXPECT_EQ(report->connections, way == AppendWay::kUnary ? 0 : 3);
      EXPECT_FALSE(report->log_kept);
    }
  }
  EXPECT_EQ(logs(), before) << "its logs are gone";
  EXPECT_EQ(service_.Stats().head_offset(), 0) << "and the log that was there is as it was";
}

TEST_F(BenchRunTest, SubscribersGetAll) {
  BenchOptions options = Short();
  options.subscribers = 2;
  const auto report = Run(options);
  ASSERT_THAT(report, IsOk());
  EXPECT_EQ(report->delivered, 1'000);
  EXPECT_EQ(report->deliveries.count(), 1'000);
  EXPECT_EQ(report->subscribers_behind, 0);
}

TEST_F(BenchRunTest, LogThatWasThereIsKeptAndWhatWasInItIsNotCounted) {
  ASSERT_THAT(service_.Append({"1", "2"}), IsOk());
  BenchOptions options = Short();
  options.log = "events";
  const auto report = Run(options);
  ASSERT_THAT(report, IsOk());
  EXPECT_TRUE(report->sound());
  EXPECT_TRUE(report->log_kept);
  EXPECT_EQ(report->verification.count(Fault::kForeign), 0);
  EXPECT_EQ(service_.Stats().head_offset(), 2 + 500 + 1) << "and one event that says which were acknowledged";
}

TEST_F(BenchRunTest, KeptLogIsVerifiedLater) {
  BenchOptions options = Short();
  options.log = "trial";
  options.producers = 2;
  options.keep_log = true;
  ASSERT_THAT(Run(options), IsOk());
  ASSERT_THAT(Run(options), IsOk()) << "two runs in one log";
  BenchOptions verify;
  verify.log = "trial";
  verify.verify_only = true;
  const auto report = Run(verify);
  ASSERT_THAT(report, IsOk());
  EXPECT_EQ(report->verification.Headline(), "every event came back unchanged: 1000 of 1000");
  EXPECT_EQ(report->verification.producers, 4);
  EXPECT_EQ(report->verification.ends_unknown, 0);
}

TEST_F(BenchRunTest, StopEndsTheLoadAndWhatWasSentIsVerified) {
  BenchOptions options = Short();
  options.count = std::nullopt;
  options.duration = absl::Hours(10);
  const auto report = Run(options, [](const BenchProgress& progress) {
    return !Wait(progress) && progress.phase != "verification" && progress.acknowledged > 100;
  });
  ASSERT_THAT(report, IsOk());
  EXPECT_TRUE(report->interrupted);
  EXPECT_FALSE(report->gave_up);
  EXPECT_TRUE(report->sound()) << ToText(*report);
  EXPECT_GT(report->verification.unchanged, 100);
  EXPECT_EQ(report->verification.unchanged, report->sent);
}

TEST_F(BenchRunTest, StopInTheVerificationLeavesItIncomplete) {
  const auto report =
      Run(Short(), [](const BenchProgress& progress) { return !Wait(progress) && progress.phase == "verification"; });
  ASSERT_THAT(report, IsOk());
  EXPECT_FALSE(report->sound());
  EXPECT_TRUE(report->log_kept) << "what is not known to be right is kept";
  EXPECT_THAT(report->verification.Headline(), HasSubstr("could not be read to its end: stopped at offset 0"));
}

TEST_F(BenchRunTest, ServiceThatIsAwayIsAnErrorBeforeAnythingIsBegun) {
  BenchOptions options = Short();
  options.timeout = absl::ZeroDuration();
  const auto report = BenchRun("127.0.0.1:1", options, Wait).Run();
  EXPECT_THAT(report.status().code(),
              testing::AnyOf(absl::StatusCode::kUnavailable, absl::StatusCode::kDeadlineExceeded));
}

TEST_F(BenchRunTest, LogWithoutARunIsNotCalledSound) {
  ASSERT_THAT(service_.Append({"1"}), IsOk());
  BenchOptions options;
  options.log = "events";
  options.verify_only = true;
  const auto report = Run(options);
  ASSERT_THAT(report, IsOk());
  EXPECT_FALSE(report->sound());
  EXPECT_THAT(report->verification.Headline(), HasSubstr("the log has no event of a run"));
}

TEST_F(BenchRunTest, LogThatIsNotThereCannotBeVerified) {
  BenchOptions options;
  options.log = "nowhere";
  options.verify_only = true;
  EXPECT_THAT(Run(options).status(), HasReason("LOG_NOT_FOUND"));
}

}  // namespace
}  // namespace eventlog
