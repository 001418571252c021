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
#include "eventlog-svc/engine/memory/memory_engine.h"
#include "eventlog-svc/rpc/event_log_service.h"
#include "eventlog-svc/rpc/subscription_pump.h"
#include "gtest/gtest.h"
#include "tests/conformance/live_service.h"
#include "tests/eventlog-svc/rpc/queue_server.h"
#include "tests/eventlog-svc/rpc/watched_log.h"
#include "tests/support/log_driver.h"
#include "tests/support/status_matchers.h"

namespace eventlog {
namespace {

// Of a page, by its bytes; more of a log than one is read ahead of.
constexpr int kPageRecords = 500;
constexpr int kPages = 20;
constexpr int kRecords = kPages * kPageRecords;

// A service with one pump over a log that tells of its reads.
class PumpedService {
 public:
  explicit PumpedService(WatchedLog::OnRead on_read) : log_(*engine_->logs().front(), std::move(on_read)) {
    EventLogServiceOptions options;
    options.pump_threads = 1;
    service_ = std::make_unique<EventLogService>(one_, options, errors_);
    // A client that takes 64 KiB before it is read: gRPC would make it more for one that is fast.
    grpc::ChannelArguments arguments;
    arguments.SetInt(GRPC_ARG_HTTP2_BDP_PROBE, 0);
    server_ = std::make_unique<QueueServer>(*service_, arguments);
    service_->Serve(server_->queue());
    stub_ = v1::EventLog::NewStub(server_->channel());
    for (int i = 0; i < kRecords; i += 100) {
      std::vector<std::string> texts;
      for (int j = 0; j < 100; ++j) texts.push_back(std::to_string(i + j) + std::string(500, 'x'));
      EXPECT_THAT(Append(log_, MakeBatch(texts)), IsOk());
    }
  }
  std::unique_ptr<Follower> FromEarliest(int batch_records) {
    v1::SubscribeRequest request;
    request.mutable_earliest();
    request.set_max_batch_records(batch_records);
    return std::make_unique<Follower>(*stub_, request);
  }

 private:
  const std::unique_ptr<LocalEngine> engine_ = NewMemoryEngine({});
  WatchedLog log_;
  EngineOfOne one_{log_};
  ErrorCounter errors_;
  std::unique_ptr<EventLogService> service_;
  std::unique_ptr<QueueServer> server_;
  std::unique_ptr<v1::EventLog::Stub> stub_;
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
TEST(SubscriptionPumpAheadTest, ReadersThatStandStillLeaveTheOthersTheirTurn) {
  PumpedService service([](const ReadOptions&) {});
  std::vector<std::unique_ptr<Follower>> still;
  std::vector<int64_t> next;
  for (int i = 0; i < 80; ++i) {
    still.push_back(service.FromEarliest(10));
    next.push_back(still.back()->NextOf(v1::SubscribeResponse::kBatch).batch().next_offset());
  }
  ExpectTheRest(*service.FromEarliest(1000), 0);
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
