// Append and AppendStream as their clients see them.

#include <memory>
#include <string>
#include <thread>
#include <vector>

#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "tests/conformance/admin_client.h"
#include "tests/conformance/engines.h"
#include "tests/support/status_matchers.h"

namespace eventlog {
namespace {

using testing::AllOf;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::MatchesRegex;

constexpr size_t kMiB = 1024 * 1024;

class AppendTest : public EngineSuite {
 protected:
  v1::ReadResponse ReadAll() {
    const absl::StatusOr<v1::ReadResponse> page = service_.Read({});
    EXPECT_THAT(page, IsOk());
    return page.ok() ? *page : v1::ReadResponse();
  }
  // Sends all, then reads the answers.
  std::vector<v1::AppendStreamResponse> Stream(const std::vector<v1::AppendRequest>& requests) {
    grpc::ClientContext context;
    SetSafetyDeadline(context);
    const auto stream = service_.stub().AppendStream(&context);
    std::thread writer([&] {
      for (const v1::AppendRequest& request : requests) stream->Write(request);
      stream->WritesDone();
    });
    std::vector<v1::AppendStreamResponse> answers;
    v1::AppendStreamResponse answer;
    while (stream->Read(&answer)) answers.push_back(answer);
    writer.join();
    EXPECT_THAT(ToAbslStatus(stream->Finish()), IsOk());
    return answers;
  }
  static std::string ReasonOf(const v1::AppendStreamResponse& answer) {
    return ErrorReason(ToAbslStatus(grpc::Status(static_cast<grpc::StatusCode>(answer.error().code()),
                                                 answer.error().message(), answer.error().SerializeAsString())));
  }
};

TEST_P(AppendTest, OffsetsAreDenseFromZeroAndTheReplySaysWhatWasReached) {
  const auto first = service_.Append({"a", "b"});
  const auto second = service_.Append({"c"});
  ASSERT_THAT(first, IsOk());
  ASSERT_THAT(second, IsOk());
  EXPECT_EQ(first->first_offset(), 0);
  EXPECT_EQ(first->next_offset(), 2);
  EXPECT_EQ(second->first_offset(), 2);
  EXPECT_EQ(first->durability(), GetParam() == std::string("memory") ? v1::DURABILITY_MEMORY : v1::DURABILITY_FSYNC);
  EXPECT_GT(first->append_time().seconds(), 0);
  EXPECT_FALSE(first->duplicate());
  EXPECT_THAT(TextsOf(ReadAll().records()), ElementsAre("a", "b", "c"));
}

TEST_P(AppendTest, WhatIsMissingIsFilledInAndNothingElseIsTouched) {
  v1::AppendRequest request;
  request.add_events()->set_type("bare.event");
  v1::Event& full = *request.add_events();
  full = EventOf("full.event", "{\"a\": 1}");
  full.set_id("my-id");
  full.set_subject("s");
  full.mutable_time()->set_seconds(5);
  (*full.mutable_attributes())["key"] = "value";
  full.GetReflection()->MutableUnknownFields(&full)->AddLengthDelimited(1000, "from the future");
  const auto appended = service_.Append(request);
  ASSERT_THAT(appended, IsOk());
  const v1::ReadResponse page = ReadAll();
  ASSERT_EQ(page.records_size(), 2);
  const v1::Event& bare = page.records(0).event();
  EXPECT_THAT(bare.id(), MatchesRegex("[0-9a-f]{8}-[0-9a-f]{4}-7[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}"));
  EXPECT_EQ(bare.source(), "");
  EXPECT_EQ(bare.data_content_type(), "");
  EXPECT_EQ(bare.time().SerializeAsString(), appended->append_time().SerializeAsString());
  EXPECT_EQ(page.records(0).append_time().SerializeAsString(), appended->append_time().SerializeAsString());
  EXPECT_EQ(page.records(1).event().SerializeAsString(), full.SerializeAsString());
  EXPECT_EQ(page.records(1).offset(), 1);
}

TEST_P(AppendTest, ABatchAtItsLimitIsTakenThoughTheLogAddsIds) {
  v1::AppendRequest request;
  size_t bytes = 0;
  while (bytes < 4 * kMiB) {
    v1::Event event = EventOf("a.b", std::string(300'000, 'x'));
    if (4 * kMiB - bytes < event.ByteSizeLong()) {
      event.mutable_text()->resize(300'000 - (event.ByteSizeLong() - (4 * kMiB - bytes)));
    }
    bytes += event.ByteSizeLong();
    *request.add_events() = event;
  }
  ASSERT_EQ(bytes, 4 * kMiB);
  EXPECT_THAT(service_.Append(request), IsOk());
}

TEST_P(AppendTest, CompareAndAppendIsRefusedWithBothOffsets) {
  ASSERT_THAT(service_.Append({"a"}), IsOk());
  v1::AppendRequest request = AppendOf({"b"});
  request.set_expected_next_offset(0);
  EXPECT_THAT(service_.Append(request),
              AllOf(StatusIs(absl::StatusCode::kAborted, HasSubstr("1")), HasReason("OFFSET_MISMATCH")));
  request.set_expected_next_offset(1);
  EXPECT_THAT(service_.Append(request), IsOk());
}

TEST_P(AppendTest, ARepeatedBatchGetsItsFirstOffsets) {
  v1::AppendRequest request = AppendOf({"a", "b"});
  request.mutable_producer()->set_id("p");
  ASSERT_THAT(service_.Append({"before"}), IsOk());
  const auto first = service_.Append(request);
  ASSERT_THAT(service_.Append({"between"}), IsOk());
  const auto again = service_.Append(request);
  ASSERT_THAT(again, IsOk());
  EXPECT_TRUE(again->duplicate());
  EXPECT_EQ(again->first_offset(), first->first_offset());
  EXPECT_EQ(again->next_offset(), first->next_offset());
  EXPECT_EQ(service_.Stats().record_count(), 4);
}

TEST_P(AppendTest, AStreamAnswersInTheOrderOfItsRequests) {
  std::vector<v1::AppendRequest> requests;
  for (int i = 0; i < 3000; ++i) requests.push_back(AppendOf({std::to_string(i)}));
  const auto answers = Stream(requests);
  ASSERT_EQ(answers.size(), requests.size());
  for (size_t i = 0; i < answers.size(); ++i) {
    ASSERT_EQ(answers[i].appended().first_offset(), static_cast<int64_t>(i));
    ASSERT_EQ(answers[i].appended().next_offset(), static_cast<int64_t>(i) + 1);
  }
}

TEST_P(AppendTest, AStreamOfLargeBatchesIsTakenBeyondWhatMayBeUnanswered) {
  const auto answers = Stream(std::vector<v1::AppendRequest>(24, AppendOf({std::string(kMiB - 100, 'x')})));
  ASSERT_EQ(answers.size(), 24u);
  EXPECT_EQ(answers.back().appended().next_offset(), 24);
}

// Its order is kept by the one that orders its log, so there is no second one.
TEST_P(AppendTest, AStreamAppendsToOneLog) {
  ASSERT_THAT(AdminClient(service_.channel()).Create("other"), IsOk());
  v1::AppendRequest other = AppendOf({"x"});
  other.set_log("other");
  v1::AppendRequest by_name = AppendOf({"c"});
  by_name.set_log("events");
  const auto answers = Stream({AppendOf({"a"}), by_name, other, AppendOf({"late"})});
  ASSERT_EQ(answers.size(), 4u);
  EXPECT_TRUE(answers[0].has_appended());
  EXPECT_TRUE(answers[1].has_appended()) << "an empty name is that of the default log";
  EXPECT_EQ(ReasonOf(answers[2]), "REQUEST_INVALID");
  EXPECT_EQ(ReasonOf(answers[3]), "PRIOR_APPEND_FAILED");
  EXPECT_EQ(service_.Stats().record_count(), 2);
  const auto alone = Stream({other, other});
  EXPECT_TRUE(alone.at(1).has_appended());
}

// What can be wrong with an item: found before the queue, or by the committing thread.
TEST_P(AppendTest, NothingBehindAFailedItemOfAStreamIsStored) {
  v1::AppendRequest mismatch = AppendOf({"x"});
  mismatch.set_expected_next_offset(1'000'000);
  v1::AppendRequest no_log = AppendOf({"x"});
  no_log.set_log("other");
  v1::AppendRequest too_durable = AppendOf({"x"});
  too_durable.set_durability(v1::DURABILITY_REPLICATED);
  const std::vector<std::pair<std::string, v1::AppendRequest>> bad = {{"OFFSET_MISMATCH", mismatch},
                                                                      {"EMPTY_APPEND", {}},
                                                                      {"LOG_NOT_FOUND", no_log},
                                                                      {"DURABILITY_UNSUPPORTED", too_durable}};
  for (const auto& [reason, item] : bad) {
    const int64_t before = service_.Stats().record_count();
    std::vector<v1::AppendRequest> requests(50, AppendOf({"good"}));
    requests.push_back(item);
    for (int i = 0; i < 200; ++i) requests.push_back(i % 7 == 3 ? v1::AppendRequest() : AppendOf({"late"}));
    const auto answers = Stream(requests);
    ASSERT_EQ(answers.size(), 251u) << reason;
    for (size_t i = 0; i < 50; ++i) ASSERT_TRUE(answers[i].has_appended());
    EXPECT_EQ(ReasonOf(answers[50]), reason);
    for (size_t i = 51; i < answers.size(); ++i) {
      ASSERT_EQ(ReasonOf(answers[i]), "PRIOR_APPEND_FAILED") << reason << ", item " << i;
      ASSERT_EQ(answers[i].error().code(), grpc::ABORTED);
    }
    EXPECT_EQ(service_.Stats().record_count(), before + 50) << reason;
  }
}

TEST_P(AppendTest, AStreamIsHeldAgainstTheLimitsOfItsLog) {
  v1::Log narrow;
  narrow.set_log("narrow");
  narrow.set_max_event_bytes(100);
  narrow.set_max_batch_bytes(150);
  ASSERT_THAT(AdminClient(service_.channel()).Create(narrow), IsOk());
  const auto item = [](const std::vector<std::string>& texts) {
    v1::AppendRequest request = AppendOf(texts);
    request.set_log("narrow");
    return request;
  };
  const std::string large(101, 'x');
  EXPECT_EQ(ReasonOf(Stream({item({"small"}), item({large})}).at(1)), "EVENT_TOO_LARGE");
  const std::string half(60, 'x');
  const auto answers = Stream({item({half}), item({half, half, half}), item({half})});
  EXPECT_TRUE(answers.at(0).has_appended());
  EXPECT_EQ(ReasonOf(answers.at(1)), "BATCH_TOO_LARGE");
  EXPECT_EQ(ReasonOf(answers.at(2)), "PRIOR_APPEND_FAILED");
  EXPECT_TRUE(Stream({AppendOf({large})}).at(0).has_appended()) << "another log has no such limit";
}

TEST_P(AppendTest, AStreamThatIsCancelledLeavesTheServiceWell) {
  for (int round = 0; round < 20; ++round) {
    grpc::ClientContext context;
    SetSafetyDeadline(context);
    const auto stream = service_.stub().AppendStream(&context);
    for (int i = 0; i < round; ++i) stream->Write(AppendOf({"x"}));
    context.TryCancel();
    EXPECT_FALSE(stream->Finish().ok());
  }
  EXPECT_THAT(service_.Append({"after"}), IsOk());
}

INSTANTIATE_ON_ENGINES(AppendTest);

class DrainTest : public testing::TestWithParam<const char*> {};

TEST_P(DrainTest, WhatComesWhileTheServiceDrainsIsToldToComeAgain) {
  ServerOptions options;
  options.drain_timeout = absl::InfiniteDuration();
  options.service.pump_threads = 1;
  LiveService service(GetParam(), options);
  // A subscriber that does not read keeps the service draining.
  for (int i = 0; i < 4; ++i) {
    ASSERT_THAT(service.Append(std::vector<std::string>(10, std::string(100'000, 'x'))), IsOk());
  }
  v1::SubscribeRequest from_earliest;
  from_earliest.mutable_earliest();
  const auto narrow = service.NarrowStub();
  Follower subscriber(*narrow, from_earliest);
  subscriber.NextOf(v1::SubscribeResponse::kBatch);
  // What serves this one has begun to send the other its next message before.
  ASSERT_EQ(service.Subscribe(from_earliest)->TextsToCaughtUp().size(), 40u);
  grpc::ClientContext context;
  SetSafetyDeadline(context);
  const auto stream = service.stub().AppendStream(&context);
  v1::AppendStreamResponse answer;
  ASSERT_TRUE(stream->Write(AppendOf({"before"})) && stream->Read(&answer));
  EXPECT_TRUE(answer.has_appended());
  std::thread stopper([&] { EXPECT_THAT(service.server().Stop(), IsOk()); });
  // A stream that has its answers ends.
  EXPECT_FALSE(stream->Read(&answer));
  EXPECT_THAT(ToAbslStatus(stream->Finish()), AllOf(StatusIs(absl::StatusCode::kUnavailable), HasReason("DRAINING")));
  absl::StatusOr<v1::AppendResponse> refused = service.Append({"x"});
  while (refused.ok()) refused = service.Append({"x"});
  EXPECT_THAT(refused, AllOf(StatusIs(absl::StatusCode::kUnavailable), HasReason("DRAINING")));
  // So does one that comes now.
  grpc::ClientContext late_context;
  SetSafetyDeadline(late_context);
  const auto late = service.stub().AppendStream(&late_context);
  late->Write(AppendOf({"late"}));
  EXPECT_FALSE(late->Read(&answer));
  EXPECT_THAT(ToAbslStatus(late->Finish()), AllOf(StatusIs(absl::StatusCode::kUnavailable), HasReason("DRAINING")));
  subscriber.Cancel();
  subscriber.Finish().IgnoreError();
  stopper.join();
}

INSTANTIATE_ON_ENGINES(DrainTest);

}  // namespace
}  // namespace eventlog
