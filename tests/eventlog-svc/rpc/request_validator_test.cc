#include "eventlog-svc/rpc/request_validator.h"

#include <string>
#include <variant>
#include <vector>

#include "gmock/gmock.h"
#include "google/protobuf/message.h"
#include "google/protobuf/unknown_field_set.h"
#include "gtest/gtest.h"
#include "tests/support/status_matchers.h"

namespace eventlog {
namespace {

using testing::AllOf;
using testing::HasSubstr;

const absl::Time kNow = absl::FromUnixSeconds(1'700'000'000);

class RequestValidatorTest : public testing::Test {
 protected:
  static v1::AppendRequest Events(int count, size_t text_bytes = 0) {
    v1::AppendRequest request;
    for (int i = 0; i < count; ++i) {
      request.add_events()->set_type("a.b");
      if (text_bytes > 0) request.mutable_events(i)->set_text(std::string(text_bytes, 'x'));
    }
    return request;
  }
  void ExpectRefused(const absl::Status& status, const std::string& reason, const std::string& where) {
    EXPECT_THAT(status, AllOf(StatusIs(absl::StatusCode::kInvalidArgument, HasSubstr(where)), HasReason(reason)));
  }
  RequestValidator validator_{{/*event_bytes_max=*/1000, /*batch_bytes_max=*/5000, /*batch_events_max=*/10}};
};

TEST_F(RequestValidatorTest, ABatchIsHeldAgainstItsLimits) {
  v1::AppendRequest none, eleven = Events(11), ten = Events(10), heavy = Events(6, 900), large = Events(2);
  large.mutable_events(1)->set_text(std::string(1000, 'x'));
  ExpectRefused(validator_.Append(none, kNow).status(), "EMPTY_APPEND", "events");
  ExpectRefused(validator_.Append(eleven, kNow).status(), "BATCH_TOO_LARGE", "11 events; at most 10");
  ExpectRefused(validator_.Append(heavy, kNow).status(), "BATCH_TOO_LARGE", "at most 5000");
  ExpectRefused(validator_.Append(large, kNow).status(), "EVENT_TOO_LARGE", "events[1]");
  EXPECT_THAT(validator_.Append(ten, kNow), IsOk());
}

TEST_F(RequestValidatorTest, TheIdThatTheLogAddsDoesNotCount) {
  v1::AppendRequest request = Events(5, 991);  // 5 + 3 + 991 + 1 each
  ASSERT_EQ(request.events(0).ByteSizeLong(), 999u);
  request.mutable_events(0)->mutable_text()->resize(992);
  for (int i = 1; i < 5; ++i) request.mutable_events(i)->mutable_text()->resize(992);
  ASSERT_EQ(request.events(0).ByteSizeLong() * 5, 5000u);
  EXPECT_THAT(validator_.Append(request, kNow), IsOk());
}

TEST_F(RequestValidatorTest, OnlyWhatIsMissingIsFilledIn) {
  v1::AppendRequest request = Events(2);
  request.mutable_events(1)->set_id("mine");
  request.mutable_events(1)->mutable_time();
  request.mutable_events(1)->GetReflection()->MutableUnknownFields(request.mutable_events(1))->AddVarint(99, 5);
  const std::string full = request.events(1).SerializeAsString();
  const auto batch = validator_.Append(request, kNow);
  ASSERT_THAT(batch, IsOk());
  const std::vector<EventView> events(batch->events.begin(), batch->events.end());
  v1::Event bare;
  ASSERT_TRUE(bare.ParseFromString(std::string(events[0].wire)));
  EXPECT_EQ(bare.id().size(), 36u);
  EXPECT_TRUE(events[0].lacks_time);
  EXPECT_EQ(events[1].wire, full);
  EXPECT_FALSE(events[1].lacks_time) << "a time of zero is a time";
}

TEST_F(RequestValidatorTest, ProducerExpectationAndDurabilityAreTakenOver) {
  v1::AppendRequest request = Events(1);
  request.set_expected_next_offset(0);
  request.mutable_producer()->set_id("p");
  request.mutable_producer()->set_epoch(2);
  request.mutable_producer()->set_first_sequence(7);
  request.set_durability(v1::DURABILITY_FSYNC);
  const auto batch = validator_.Append(request, kNow);
  ASSERT_THAT(batch, IsOk());
  EXPECT_EQ(batch->expected_next_offset, 0);
  EXPECT_EQ(batch->producer->id, "p");
  EXPECT_EQ(batch->producer->epoch, 2);
  EXPECT_EQ(batch->producer->first_sequence, 7);
  EXPECT_EQ(batch->durability, Durability::kFsync);
  v1::AppendRequest plain = Events(1);
  EXPECT_FALSE(validator_.Append(plain, kNow)->producer.has_value());
  EXPECT_FALSE(validator_.Append(plain, kNow)->expected_next_offset.has_value());
}

TEST_F(RequestValidatorTest, ProducersAreNamedAndCountFromZero) {
  v1::AppendRequest request = Events(1);
  request.mutable_producer();
  ExpectRefused(validator_.Append(request, kNow).status(), "REQUEST_INVALID", "producer.id");
  request.mutable_producer()->set_id(std::string(1025, 'p'));
  ExpectRefused(validator_.Append(request, kNow).status(), "REQUEST_INVALID", "producer.id");
  request.mutable_producer()->set_id("a\nb");
  ExpectRefused(validator_.Append(request, kNow).status(), "REQUEST_INVALID", "producer.id");
  request.mutable_producer()->set_id("p");
  request.mutable_producer()->set_epoch(-1);
  ExpectRefused(validator_.Append(request, kNow).status(), "REQUEST_INVALID", "producer.epoch");
  request.mutable_producer()->set_epoch(0);
  request.mutable_producer()->set_first_sequence(-1);
  ExpectRefused(validator_.Append(request, kNow).status(), "REQUEST_INVALID", "producer.first_sequence");
}

TEST_F(RequestValidatorTest, AnUnknownDurabilityIsRefused) {
  v1::AppendRequest request = Events(1);
  request.set_durability(static_cast<v1::Durability>(9));
  EXPECT_THAT(validator_.Append(request, kNow).status(),
              AllOf(StatusIs(absl::StatusCode::kFailedPrecondition, HasSubstr("durability: 9")),
                    HasReason("DURABILITY_UNSUPPORTED")));
}

void AddUnknown(google::protobuf::Message* message) {
  message->GetReflection()->MutableUnknownFields(message)->AddVarint(77, 1);
}

TEST_F(RequestValidatorTest, UnknownFieldsOfWhatARequestIsMadeOfAreRefused) {
  v1::AppendRequest append = Events(1);
  append.mutable_producer()->set_id("p");
  AddUnknown(append.mutable_producer());
  ExpectRefused(validator_.Append(append, kNow).status(), "REQUEST_INVALID", "producer: field number 77");
  v1::SubscribeRequest subscribe;
  AddUnknown(subscribe.mutable_earliest());
  ExpectRefused(validator_.Subscribe(subscribe).status(), "REQUEST_INVALID", "earliest: field number 77");
  v1::ReadRequest read;
  AddUnknown(read.mutable_time());
  ExpectRefused(validator_.Read(read).status(), "REQUEST_INVALID", "time: field number 77");
  v1::GetLogStatsRequest stats;
  EXPECT_THAT(validator_.GetLogStats(stats), IsOk());
  AddUnknown(&stats);
  ExpectRefused(validator_.GetLogStats(stats), "REQUEST_INVALID", "request: field number 77");
}

TEST_F(RequestValidatorTest, ASubscriptionHasTheDefaultsOfTheApi) {
  const auto options = validator_.Subscribe({});
  ASSERT_THAT(options, IsOk());
  EXPECT_TRUE(std::holds_alternative<StartLatest>(options->start));
  EXPECT_TRUE(options->filter.takes_all());
  EXPECT_EQ(options->records_max, 1000);
  EXPECT_EQ(options->bytes_max, 256u * 1024);
  EXPECT_EQ(options->heartbeat_interval, absl::Seconds(15));
  EXPECT_FALSE(options->fail_on_gap);
  EXPECT_FALSE(options->until_offset.has_value());
  EXPECT_FALSE(options->until_time.has_value());
  EXPECT_FALSE(options->until_caught_up);
}

TEST_F(RequestValidatorTest, ASubscriptionsWishesAreTakenOver) {
  v1::SubscribeRequest request;
  request.set_tail(4);
  request.mutable_until_time()->set_seconds(50);
  request.set_max_batch_records(10'000);
  request.set_max_batch_bytes(4 * 1024 * 1024);
  request.mutable_heartbeat_interval()->set_nanos(100'000'000);
  request.set_gap_policy(v1::GAP_POLICY_FAIL);
  const auto options = validator_.Subscribe(request);
  ASSERT_THAT(options, IsOk());
  EXPECT_EQ(std::get<StartAtTail>(options->start).records, 4);
  EXPECT_EQ(options->until_time, absl::FromUnixSeconds(50));
  EXPECT_EQ(options->records_max, 10'000);
  EXPECT_EQ(options->heartbeat_interval, absl::Milliseconds(100));
  EXPECT_TRUE(options->fail_on_gap);
  request.set_gap_policy(static_cast<v1::GapPolicy>(7));
  ExpectRefused(validator_.Subscribe(request).status(), "REQUEST_INVALID", "gap_policy");
}

TEST_F(RequestValidatorTest, TimesThatCannotBeWrittenAreRefused) {
  v1::SubscribeRequest request;
  request.mutable_time()->set_nanos(-1);
  ExpectRefused(validator_.Subscribe(request).status(), "REQUEST_INVALID", "time");
  request.mutable_latest();
  request.mutable_until_time()->set_seconds(253'402'300'800);
  ExpectRefused(validator_.Subscribe(request).status(), "REQUEST_INVALID", "until_time");
  v1::ReadRequest read;
  read.mutable_time()->set_nanos(1'000'000'000);
  ExpectRefused(validator_.Read(read).status(), "REQUEST_INVALID", "time");
}

TEST_F(RequestValidatorTest, AReadBeginsAtTheEndItComesFrom) {
  v1::ReadRequest request;
  auto plan = validator_.Read(request);
  ASSERT_THAT(plan, IsOk());
  EXPECT_TRUE(std::holds_alternative<StartEarliest>(plan->start));
  EXPECT_EQ(plan->records_max, 1000);
  EXPECT_EQ(plan->bytes_max, 1024 * 1024);
  request.set_backward(true);
  request.set_gap_policy(v1::GAP_POLICY_FAIL);
  plan = validator_.Read(request);
  EXPECT_TRUE(std::holds_alternative<StartLatest>(plan->start));
  EXPECT_EQ(plan->direction, Direction::kBackward);
  EXPECT_TRUE(plan->fail_on_gap);
}

}  // namespace
}  // namespace eventlog
