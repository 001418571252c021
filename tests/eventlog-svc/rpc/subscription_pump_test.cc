// The pump lives between gRPC and the log: it is tested with both.

#include "eventlog-svc/rpc/subscription_pump.h"

#include <memory>
#include <optional>
#include <string>
#include <thread>
#include <vector>

#include "gtest/gtest.h"
#include "tests/conformance/live_service.h"
#include "tests/support/status_matchers.h"

namespace eventlog {
namespace {

ServerOptions OnePump() {
  ServerOptions options;
  options.service.pump_threads = 1;
  options.drain_timeout = absl::Seconds(10);  // nothing here needs it
  return options;
}

TEST(SubscriptionPumpTest, AHeadThatMovesWakesEveryParkedStream) {
  LiveService service("memory", OnePump());
  std::vector<std::unique_ptr<Follower>> followers;
  v1::SubscribeRequest request;
  request.mutable_heartbeat_interval()->set_seconds(3600);
  for (int i = 0; i < 20; ++i) followers.push_back(service.Subscribe(request));
  for (const auto& follower : followers) follower->TextsToCaughtUp();
  for (int round = 0; round < 20; ++round) {
    ASSERT_THAT(service.Append({"x"}), IsOk());
    // The heartbeat is an hour away: only the head can wake them.
    for (const auto& follower : followers) ASSERT_EQ(follower->TextsToCaughtUp().size(), 1u);
  }
}

TEST(SubscriptionPumpTest, ALongScanOfOneDoesNotHoldUpTheOthers) {
  LiveService service("memory", OnePump());
  for (int i = 0; i < 30; ++i) {
    ASSERT_THAT(service.Append(std::vector<std::string>(1000, std::string(100, 'x'))), IsOk());
  }
  v1::SubscribeRequest scan;
  scan.mutable_earliest();
  scan.set_max_batch_records(1);
  scan.mutable_filter()->add_types("no.such");
  const auto scanning = service.Subscribe(scan);
  const auto other = service.Subscribe({});
  other->TextsToCaughtUp();
  ASSERT_THAT(service.Append({"x"}), IsOk());
  EXPECT_EQ(other->TextsToCaughtUp().size(), 1u);
  EXPECT_TRUE(scanning->TextsToCaughtUp().empty());
}

TEST(SubscriptionPumpTest, StreamsThatAreCancelledInAnyStateAreLetGo) {
  LiveService service("memory", OnePump());
  std::vector<std::thread> threads;
  for (int t = 0; t < 4; ++t) {
    threads.emplace_back([&service, t] {
      for (int i = 0; i < 50; ++i) {
        v1::SubscribeRequest request;
        request.mutable_earliest();
        request.set_max_batch_records(1 + t);
        const auto follower = service.Subscribe(request);
        for (int read = 0; read < (i + t) % 4; ++read) follower->Next();
        follower->Cancel();
        EXPECT_EQ(follower->Finish().code(), absl::StatusCode::kCancelled);
      }
    });
  }
  for (int i = 0; i < 200; ++i) ASSERT_THAT(service.Append({"x"}), IsOk());
  for (std::thread& thread : threads) thread.join();
  EXPECT_THAT(service.server().Stop(), IsOk());  // waits for every stream; the pump goes with all of them gone
}

TEST(SubscriptionPumpTest, APageIsHandedOnInOrderUntilTheServiceDrains) {
  LiveService service("memory", OnePump());
  std::vector<std::string> texts;
  for (int page = 0; page < 4; ++page) {
    std::vector<std::string> of_page;
    for (int i = 0; i < 1000; ++i) of_page.push_back(std::to_string(page * 1000 + i) + std::string(200, 'x'));
    ASSERT_THAT(service.Append(of_page), IsOk());
    texts.insert(texts.end(), of_page.begin(), of_page.end());
  }
  v1::SubscribeRequest request;
  request.mutable_earliest();
  request.set_max_batch_records(1);
  EXPECT_EQ(service.Subscribe(request)->TextsToCaughtUp(), texts);
  // This one has most of its page still at hand when the service drains, and the next one read.
  const auto stub = service.NarrowStub();
  const auto slow = std::make_unique<Follower>(*stub, request);
  ASSERT_EQ(slow->NextOf(v1::SubscribeResponse::kBatch).batch().next_offset(), 1);
  EXPECT_EQ(service.Subscribe(request)->TextsToCaughtUp(), texts);
  std::thread stopper([&] { EXPECT_THAT(service.server().Stop(), IsOk()); });
  int64_t next_offset = 1;
  std::optional<v1::SubscribeResponse> message = slow->Next();
  for (; message.has_value() && !message->has_ending(); message = slow->Next()) {
    if (!message->has_batch()) continue;
    EXPECT_EQ(message->batch().next_offset(), ++next_offset);
  }
  stopper.join();
  ASSERT_TRUE(message.has_value());
  EXPECT_EQ(message->ending().next_offset(), next_offset);
  EXPECT_THAT(slow->Finish(), IsOk());
}

TEST(SubscriptionPumpTest, DrainingEndsEveryStreamWhereItStands) {
  LiveService service("memory", OnePump());
  ASSERT_THAT(service.Append({"a", "b"}), IsOk());
  v1::SubscribeRequest request;
  request.set_tail(1);
  const auto parked = service.Subscribe(request);
  ASSERT_EQ(parked->TextsToCaughtUp().size(), 1u);
  std::thread stopper([&] { EXPECT_THAT(service.server().Stop(), IsOk()); });
  const v1::SubscribeResponse ending = parked->NextOf(v1::SubscribeResponse::kEnding);
  EXPECT_EQ(ending.ending().reason(), v1::ENDING_REASON_DRAINING);
  EXPECT_EQ(ending.ending().next_offset(), 2);
  EXPECT_TRUE(ending.ending().has_retry_delay());
  EXPECT_THAT(parked->Finish(), IsOk());
  stopper.join();
}

}  // namespace
}  // namespace eventlog
