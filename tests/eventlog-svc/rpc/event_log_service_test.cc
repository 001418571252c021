#include "eventlog-svc/rpc/event_log_service.h"

#include <memory>
#include <string>
#include <thread>
#include <utility>
#include <vector>

#include "absl/time/clock.h"
#include "eventlog-svc/engine/memory/memory_engine.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "tests/conformance/live_service.h"
#include "tests/eventlog-svc/rpc/watched_log.h"
#include "tests/eventlog-svc/rpc/watched_service.h"
#include "tests/support/log_driver.h"
#include "tests/support/status_matchers.h"

namespace eventlog {
namespace {

using testing::AllOf;

TEST(EventLogServiceTest, ConcurrentAppendsGetOffsetsOfTheirOwn) {
  LiveService service("memory");
  std::vector<std::thread> threads;
  for (int t = 0; t < 8; ++t) {
    threads.emplace_back([&] {
      for (int i = 0; i < 100; ++i) ASSERT_THAT(service.Append({"x", "y"}), IsOk());
    });
  }
  for (std::thread& thread : threads) thread.join();
  EXPECT_EQ(service.Stats().head_offset(), 1600);
}

TEST(EventLogServiceTest, ReadsFromManyThreadsSeeOneLog) {
  LiveService service("memory");
  ASSERT_THAT(service.Append({"a", "b", "c"}), IsOk());
  std::vector<std::thread> threads;
  for (int t = 0; t < 8; ++t) {
    threads.emplace_back([&] {
      for (int i = 0; i < 50; ++i) ASSERT_EQ(service.Read({})->records_size(), 3);
    });
  }
  for (std::thread& thread : threads) thread.join();
}

// The service over a log that tells of its reads; one thread reads.
class ScannedService : public WatchedService {
 public:
  explicit ScannedService(WatchedLog::OnRead on_read) : WatchedService(std::move(on_read), OneReader()) {
    // As many as one scan looks at.
    for (int i = 0; i < 100; ++i) {
      EXPECT_THAT(Append(log(), MakeBatch(std::vector<std::string>(1000, "x"))), IsOk());
    }
  }
  // A scan of the whole log, which finds nothing.
  absl::Status Scan(grpc::ClientContext& context) {
    SetSafetyDeadline(context);
    v1::ReadRequest request;
    request.mutable_filter()->add_types("no.such");
    v1::ReadResponse response;
    return ToAbslStatus(stub().Read(&context, request, &response));
  }
  absl::Status Scan() {
    grpc::ClientContext context;
    return Scan(context);
  }
  void RoundTrip() {
    grpc::ClientContext context;
    SetSafetyDeadline(context);
    v1::LogStats response;
    EXPECT_THAT(ToAbslStatus(stub().GetLogStats(&context, {}, &response)), IsOk());
  }
  // Waits for the reads before, by one behind them that has nothing to read.
  void AwaitReads() {
    grpc::ClientContext context;
    SetSafetyDeadline(context);
    v1::ReadRequest request;
    request.mutable_latest();
    v1::ReadResponse response;
    EXPECT_THAT(ToAbslStatus(stub().Read(&context, request, &response)), IsOk());
  }

 private:
  static EventLogServiceOptions OneReader() {
    EventLogServiceOptions options;
    options.read_threads = 1;
    return options;
  }
};

class TimelessLog : public WatchedLog {
 public:
  explicit TimelessLog(Log& log) : WatchedLog(log, [](const ReadOptions&) {}) {}
  LogSize size() const override {
    LogSize size = WatchedLog::size();
    size.oldest_append_time = absl::InfiniteFuture();
    size.newest_append_time = absl::InfinitePast();
    return size;
  }
};

TEST(LogStatsTest, ATimeThatNoTimestampCanSayIsLeftOut) {
  const auto engine = NewMemoryEngine({});
  ASSERT_THAT(Append(*engine->logs().front(), MakeBatch({"a"})), IsOk());
  EXPECT_TRUE(ToLogStats(*engine->logs().front(), absl::Now()).has_oldest_append_time());
  const v1::LogStats stats = ToLogStats(TimelessLog(*engine->logs().front()), absl::Now());
  EXPECT_FALSE(stats.has_oldest_append_time());
  EXPECT_FALSE(stats.has_newest_append_time());
  EXPECT_EQ(stats.record_count(), 1);
}

TEST(EventLogServiceTest, AScanEndsWhenItsClientIsGone) {
  int reads = 0;
  grpc::ClientContext context;
  ScannedService* watched = nullptr;
  // Each round trip lets the news of the cancellation arrive.
  ScannedService service([&](const ReadOptions&) { ++reads == 1 ? context.TryCancel() : watched->RoundTrip(); });
  watched = &service;
  EXPECT_THAT(service.Scan(context), StatusIs(absl::StatusCode::kCancelled));
  service.AwaitReads();
  EXPECT_LT(reads, 50) << "of 100 that the scan would take";
  EXPECT_TRUE(service.errors().counts().empty()) << "it is no refusal";
}

TEST(EventLogServiceTest, DrainingEndsTheScanUnderWayAndRefusesTheReadsThatWait) {
  int reads = 0;
  absl::Status waiting;
  std::thread other;
  ScannedService* watched = nullptr;
  ScannedService service([&](const ReadOptions&) {
    if (++reads > 1) return;
    std::thread([&] { waiting = watched->Scan(); }).swap(other);
    watched->RoundTrip();
    watched->service().Drain(absl::Seconds(1));
  });
  watched = &service;
  EXPECT_THAT(service.Scan(), AllOf(StatusIs(absl::StatusCode::kUnavailable), HasReason("DRAINING")));
  other.join();
  EXPECT_THAT(waiting, AllOf(StatusIs(absl::StatusCode::kUnavailable), HasReason("DRAINING")));
  EXPECT_EQ(reads, 1);
}

}  // namespace
}  // namespace eventlog
