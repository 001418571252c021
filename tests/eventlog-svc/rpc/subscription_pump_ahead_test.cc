// What the pump reads ahead of its streams.

#include <algorithm>
#include <atomic>
#include <memory>
#include <string>
#include <thread>
#include <utility>
#include <vector>

#include "absl/base/thread_annotations.h"
#include "absl/synchronization/mutex.h"
#include "absl/synchronization/notification.h"
#include "eventlog-svc/rpc/subscription_pump.h"
#include "gtest/gtest.h"
#include "tests/conformance/live_service.h"
#include "tests/eventlog-svc/rpc/watched_log.h"
#include "tests/eventlog-svc/rpc/watched_service.h"
#include "tests/support/log_driver.h"
#include "tests/support/status_matchers.h"

namespace eventlog {
namespace {

// About those of a page, by its bytes; and more than is read ahead.
constexpr int kPageRecords = 500;
constexpr int kPages = 20;
constexpr int kRecords = kPages * kPageRecords;

// One pump.
class PumpedService : public WatchedService {
 public:
  explicit PumpedService(WatchedLog::OnRead on_read) : WatchedService(std::move(on_read), OnePump(), Narrow()) {
    for (int i = 0; i < kRecords; i += 100) {
      std::vector<std::string> texts;
      for (int j = 0; j < 100; ++j) texts.push_back(std::to_string(i + j) + std::string(500, 'x'));
      EXPECT_THAT(Append(log(), MakeBatch(texts)), IsOk());
    }
  }
  std::unique_ptr<Follower> FromEarliest(int batch_records) {
    v1::SubscribeRequest request;
    request.mutable_earliest();
    request.set_max_batch_records(batch_records);
    return std::make_unique<Follower>(stub(), request);
  }

 private:
  static EventLogServiceOptions OnePump() {
    EventLogServiceOptions options;
    options.pump_threads = 1;
    return options;
  }
  // A client that takes 64 KiB before it is read: gRPC would make it more for one that is fast.
  static grpc::ChannelArguments Narrow() {
    grpc::ChannelArguments arguments;
    arguments.SetInt(GRPC_ARG_HTTP2_BDP_PROBE, 0);
    return arguments;
  }
};

// Reads on from `next`; every offset comes once, in order.
void ExpectTheRest(Follower& follower, int64_t next) {
  while (next < kRecords) {
    const std::optional<v1::SubscribeResponse> message = follower.Next();
    ASSERT_TRUE(message.has_value()) << next;
    if (!message->has_batch()) continue;
    for (const v1::Record& record : message->batch().records()) ASSERT_EQ(record.offset(), next++);
    ASSERT_EQ(message->batch().next_offset(), next);
  }
}

TEST(SubscriptionPumpAheadTest, ReadersOfManyPagesGetEveryRecordOnceWhateverTheirMessages) {
  PumpedService service([](const ReadOptions&) {});
  std::vector<std::thread> threads;
  for (const int batch_records : {1, 7, 99, 100, 101, 1000, 5000}) {
    threads.emplace_back([&service, batch_records] { ExpectTheRest(*service.FromEarliest(batch_records), 0); });
  }
  for (std::thread& thread : threads) thread.join();
}

// Of a reader that does not read, what gRPC took is read, and a page or two: flow control holds that far below the log.
TEST(SubscriptionPumpAheadTest, WhoDoesNotReadHasNotTheWholeLogReadForHim) {
  constexpr int kOthersBatch = 2000;
  std::atomic<int64_t> read_for_stalled{0};
  PumpedService service([&](const ReadOptions& options) {
    if (options.records_max < kOthersBatch) read_for_stalled = std::max(read_for_stalled.load(), options.from);
  });
  const auto stalled = service.FromEarliest(10);
  const int64_t first = stalled->NextOf(v1::SubscribeResponse::kBatch).batch().next_offset();
  // The pump has served this one to its end: whatever it would do for the other it has had time for.
  ExpectTheRest(*service.FromEarliest(kOthersBatch), 0);
  EXPECT_LE(read_for_stalled, kRecords / 2);
  ExpectTheRest(*stalled, first);
  EXPECT_GT(read_for_stalled, kRecords - 3 * kPageRecords);
}

// More readers than the bound lets the pump read ahead for: those that stand still do not stop the others.
TEST(SubscriptionPumpAheadTest, ReadersThatStandStillHoldWhatTheBoundAllowsAndLeaveTheOthersTheirTurn) {
  constexpr int kOthersBatch = 2000;
  constexpr int kReaders = 100;
  std::atomic<int> first_pages{0}, pages_ahead{0};
  PumpedService service([&](const ReadOptions& options) {
    if (options.records_max < kOthersBatch) ++(options.from == 0 ? first_pages : pages_ahead);
  });
  std::vector<std::unique_ptr<Follower>> still;
  std::vector<int64_t> next;
  for (int i = 0; i < kReaders; ++i) {
    still.push_back(service.FromEarliest(10));
    next.push_back(still.back()->NextOf(v1::SubscribeResponse::kBatch).batch().next_offset());
  }
  ExpectTheRest(*service.FromEarliest(kOthersBatch), 0);
  EXPECT_EQ(first_pages, kReaders);
  // 16 MiB of pages that are whole appends, of 52 KiB each, up to 256 KiB.
  EXPECT_GE(pages_ahead, 16 * 1024 / 256);
  EXPECT_LE(pages_ahead, 16 * 1024 / (4 * 52) + 1);
  for (size_t i = 0; i < still.size(); i += 20) ExpectTheRest(*still[i], next[i]);
}

// Lets reads from `from` on wait until the gate opens.
class ReadGate {
 public:
  explicit ReadGate(int64_t from) : from_(from) {}
  void Pass(const ReadOptions& options) {
    if (options.from < from_) return;
    if (!reached_.HasBeenNotified()) reached_.Notify();
    open_.WaitForNotification();
  }
  void AwaitReached() { reached_.WaitForNotification(); }
  void Open() { open_.Notify(); }

 private:
  const int64_t from_;
  absl::Notification reached_, open_;
};

TEST(SubscriptionPumpAheadTest, AReaderThatHasSentAllElseAwaitsThePage) {
  ReadGate gate(1);
  PumpedService service([&](const ReadOptions& options) { gate.Pass(options); });
  const auto follower = service.FromEarliest(1000);
  const int64_t next = follower->NextOf(v1::SubscribeResponse::kBatch).batch().next_offset();
  gate.AwaitReached();
  gate.Open();
  ExpectTheRest(*follower, next);
}

TEST(SubscriptionPumpAheadTest, AGapThatIsReadAheadIsSaid) {
  ReadGate gate(1);
  PumpedService service([&](const ReadOptions& options) { gate.Pass(options); });
  const auto follower = service.FromEarliest(1000);
  const int64_t next = follower->NextOf(v1::SubscribeResponse::kBatch).batch().next_offset();
  gate.AwaitReached();
  constexpr int64_t kTrimmed = kRecords / 2;
  absl::Notification trimmed;
  service.log().Change(TrimLog{kTrimmed}, [&](const absl::StatusOr<Cursor>&) { trimmed.Notify(); });
  trimmed.WaitForNotification();
  gate.Open();
  const v1::Gap gap = follower->NextOf(v1::SubscribeResponse::kGap).gap();
  EXPECT_EQ(gap.start_offset(), next);
  EXPECT_EQ(gap.next_offset(), kTrimmed);
  EXPECT_EQ(gap.reason(), v1::GAP_REASON_TRIMMED);
  ExpectTheRest(*follower, kTrimmed);
}

TEST(SubscriptionPumpAheadTest, AReaderMayGoWhileItsPageIsRead) {
  ReadGate gate(1);
  PumpedService service([&](const ReadOptions& options) { gate.Pass(options); });
  for (const bool first : {true, false}) {
    const auto follower = service.FromEarliest(first ? 1000 : 10);
    if (!first) {
      ExpectTheRest(*follower, 0);
      continue;
    }
    follower->NextOf(v1::SubscribeResponse::kBatch);
    gate.AwaitReached();
    follower->Cancel();
    EXPECT_EQ(follower->Finish().code(), absl::StatusCode::kCancelled);
    gate.Open();
  }
}

}  // namespace
}  // namespace eventlog
