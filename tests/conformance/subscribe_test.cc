// Subscribe as its clients see it.

#include <memory>
#include <string>
#include <thread>
#include <vector>

#include "gmock/gmock.h"
#include "grpcpp/create_channel.h"
#include "gtest/gtest.h"
#include "tests/conformance/engines.h"
#include "tests/support/status_matchers.h"

namespace eventlog {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;
using Message = v1::SubscribeResponse;

class SubscribeTest : public EngineSuite {
 protected:
  void SetUp() override {
    for (const char* text : {"a", "b", "c", "d"}) {
      const auto appended = service_.Append({text});
      ASSERT_THAT(appended, IsOk());
      times_.push_back(appended->append_time());
    }
  }
  std::vector<std::string> FromStart(const v1::SubscribeRequest& request) {
    return service_.Subscribe(request)->TextsToCaughtUp();
  }
  std::vector<google::protobuf::Timestamp> times_;
};

TEST_P(SubscribeTest, TheFirstMessageSaysWhereDeliveryBegins) {
  v1::SubscribeRequest request;
  request.set_offset(1);
  const auto follower = service_.Subscribe(request);
  const auto first = follower->Next();
  ASSERT_TRUE(first.has_value() && first->has_started());
  EXPECT_EQ(first->started().next_offset(), 1);
  EXPECT_EQ(first->started().start_offset(), 0);
  EXPECT_EQ(first->started().head_offset(), 4);
  EXPECT_EQ(first->started().epoch(), service_.Stats().epoch());
  EXPECT_EQ(first->started().epoch().size(), 16u);
}

TEST_P(SubscribeTest, EveryStartBeginsWhereItSays) {
  v1::SubscribeRequest request;
  EXPECT_THAT(FromStart(request), IsEmpty());
  request.mutable_latest();
  EXPECT_THAT(FromStart(request), IsEmpty());
  request.mutable_earliest();
  EXPECT_THAT(FromStart(request), ElementsAre("a", "b", "c", "d"));
  request.set_offset(2);
  EXPECT_THAT(FromStart(request), ElementsAre("c", "d"));
  request.set_offset(4);
  EXPECT_THAT(FromStart(request), IsEmpty());
  request.set_tail(1);
  EXPECT_THAT(FromStart(request), ElementsAre("d"));
  request.set_tail(0);
  EXPECT_THAT(FromStart(request), IsEmpty());
  request.set_tail(1'000'000'000);
  EXPECT_THAT(FromStart(request), ElementsAre("a", "b", "c", "d"));
  *request.mutable_time() = times_[0];
  EXPECT_THAT(FromStart(request), ElementsAre("a", "b", "c", "d"));
  request.mutable_time()->set_seconds(times_[3].seconds() + 1000);
  EXPECT_THAT(FromStart(request), IsEmpty());
}

TEST_P(SubscribeTest, WhatIsAppendedLaterFollowsWithoutGapOrRepeat) {
  v1::SubscribeRequest request;
  request.set_tail(1);
  const auto follower = service_.Subscribe(request);
  EXPECT_THAT(follower->TextsToCaughtUp(), ElementsAre("d"));
  EXPECT_EQ(follower->last().caught_up().next_offset(), 4);
  ASSERT_THAT(service_.Append({"e", "f"}), IsOk());
  EXPECT_THAT(follower->TextsToCaughtUp(), ElementsAre("e", "f"));
  EXPECT_EQ(follower->last().caught_up().next_offset(), 6);
}

TEST_P(SubscribeTest, EveryUntilEndsWithItsReason) {
  v1::SubscribeRequest request;
  request.mutable_earliest();
  request.set_until_offset(2);
  auto follower = service_.Subscribe(request);
  EXPECT_THAT(follower->TextsToEnd(), ElementsAre("a", "b"));
  EXPECT_EQ(follower->last().ending().reason(), v1::ENDING_REASON_UNTIL_REACHED);
  EXPECT_EQ(follower->last().ending().next_offset(), 2);
  EXPECT_THAT(follower->Finish(), IsOk());

  request.mutable_until_caught_up();
  follower = service_.Subscribe(request);
  EXPECT_THAT(follower->TextsToEnd(), ElementsAre("a", "b", "c", "d"));
  EXPECT_EQ(follower->last().ending().reason(), v1::ENDING_REASON_UNTIL_REACHED);

  *request.mutable_until_time() = times_[0];
  follower = service_.Subscribe(request);
  EXPECT_THAT(follower->TextsToEnd(), IsEmpty());
  EXPECT_EQ(follower->last().ending().next_offset(), 0);
}

TEST_P(SubscribeTest, ATimeThatHasPassedEndsAQuietLog) {
  v1::SubscribeRequest request;
  request.mutable_earliest();
  request.mutable_until_time()->set_seconds(times_[3].seconds() + 1);
  const auto follower = service_.Subscribe(request);
  EXPECT_THAT(follower->TextsToEnd(), ElementsAre("a", "b", "c", "d"));
  EXPECT_EQ(follower->last().ending().reason(), v1::ENDING_REASON_UNTIL_REACHED);
}

TEST_P(SubscribeTest, AFilterAndsItsFieldsAndOrsTheirValues) {
  v1::AppendRequest append;
  const auto add = [&](const char* type, const char* subject, const char* source, const char* room) {
    v1::Event& event = *append.add_events();
    event = EventOf(type, type);
    event.set_subject(subject);
    event.set_source(source);
    (*event.mutable_attributes())["room"] = room;
    event.set_text(std::to_string(append.events_size()));
  };
  add("session.created", "s1", "", "kitchen");
  add("session.removed", "s2", "/", "hall");
  add("sessions.created", "s1", "/x", "kitchen");
  add("session", "s1", "", "kitchen");
  add("user.input", "s1", "", "kitchen");
  ASSERT_THAT(service_.Append(append), IsOk());
  v1::SubscribeRequest request;
  request.set_offset(4);
  v1::EventFilter& filter = *request.mutable_filter();
  filter.add_types("session.*");
  EXPECT_THAT(FromStart(request), ElementsAre("1", "2"));
  filter.add_types("user.input");
  EXPECT_THAT(FromStart(request), ElementsAre("1", "2", "5"));
  filter.add_subjects("s1");
  EXPECT_THAT(FromStart(request), ElementsAre("1", "5"));
  filter.clear_types();
  filter.add_sources("/");
  EXPECT_THAT(FromStart(request), ElementsAre("1", "4", "5"));
  filter.clear_sources();
  filter.add_sources("/x");
  EXPECT_THAT(FromStart(request), ElementsAre("3"));
  filter.Clear();
  (*filter.mutable_attributes())["room"] = "hall";
  EXPECT_THAT(FromStart(request), ElementsAre("2"));
}

TEST_P(SubscribeTest, HeartbeatsCarryTheProgressUnderAFilterThatTakesNothing) {
  v1::SubscribeRequest request;
  request.mutable_heartbeat_interval()->set_nanos(100'000'000);
  request.mutable_filter()->add_types("no.such");
  const auto follower = service_.Subscribe(request);
  EXPECT_THAT(follower->TextsToCaughtUp(), IsEmpty());
  ASSERT_THAT(service_.Append({"e", "f", "g"}), IsOk());
  Message message;
  do {
    const auto next = follower->Next();
    ASSERT_TRUE(next.has_value());
    message = *next;
    ASSERT_TRUE(message.has_heartbeat()) << "the reader was told of events that it does not take: "
                                         << message.DebugString();
  } while (message.heartbeat().next_offset() < 7);
  EXPECT_EQ(message.heartbeat().next_offset(), 7);
  EXPECT_GT(message.heartbeat().time().seconds(), 0);
}

TEST_P(SubscribeTest, BatchesKeepTheirLimits) {
  v1::SubscribeRequest request;
  request.mutable_earliest();
  request.set_max_batch_records(3);
  auto follower = service_.Subscribe(request);
  EXPECT_EQ(follower->NextOf(Message::kBatch).batch().records_size(), 3);
  EXPECT_EQ(follower->NextOf(Message::kBatch).batch().records_size(), 1);
  request.set_max_batch_bytes(1);
  follower = service_.Subscribe(request);
  const Message one = follower->NextOf(Message::kBatch);
  EXPECT_EQ(one.batch().records_size(), 1);
  EXPECT_EQ(one.batch().next_offset(), 1);
}

TEST_P(SubscribeTest, ManySubscribersComeAndGoUnderLoad) {
  constexpr int kSubscribers = 100, kEvents = 2000;
  std::thread producer([&] {
    grpc::ClientContext context;
    SetSafetyDeadline(context);
    const auto stream = service_.stub().AppendStream(&context);
    for (int i = 4; i < kEvents; ++i) stream->Write(AppendOf({std::to_string(i)}));
    stream->WritesDone();
    v1::AppendStreamResponse answer;
    while (stream->Read(&answer)) ASSERT_TRUE(answer.has_appended());
    EXPECT_TRUE(stream->Finish().ok());
  });
  const auto follow = [&](int number) {
    for (int round = 0; round < 3; ++round) {
      v1::SubscribeRequest request;
      request.mutable_earliest();
      request.set_max_batch_records(1 + number);
      request.set_until_offset(kEvents);
      const auto follower = service_.Subscribe(request);
      // Some leave in the middle, in every state of their stream.
      const int64_t leave_at = round == 2 ? kEvents : number * 7;
      int64_t expected = 0;
      while (expected < leave_at) {
        const Message message = follower->NextOf(Message::kBatch);
        for (const v1::Record& record : message.batch().records()) ASSERT_EQ(record.offset(), expected++);
        ASSERT_EQ(message.batch().next_offset(), expected);
      }
    }
  };
  std::vector<std::thread> threads;
  for (int i = 0; i < kSubscribers; ++i) threads.emplace_back(follow, i);
  for (std::thread& thread : threads) thread.join();
  producer.join();
  EXPECT_EQ(service_.Stats().head_offset(), kEvents);
}

TEST_P(SubscribeTest, AReaderThatStopsHoldsUpNobody) {
  v1::SubscribeRequest request;
  request.mutable_earliest();
  request.set_until_offset(44);
  const auto stopped = service_.Subscribe(request);
  ASSERT_TRUE(stopped->Next().has_value());
  // Far beyond what the connection buffers.
  for (int i = 0; i < 40; ++i) ASSERT_THAT(service_.Append({std::string(1'000'000, 'x')}), IsOk());
  const auto channel =
      grpc::CreateChannel(service_.server().grpc_address().ToString(), grpc::InsecureChannelCredentials());
  const auto stub = v1::EventLog::NewStub(channel);
  Follower other(*stub, request);
  EXPECT_EQ(other.TextsToEnd().size(), 44u);
  EXPECT_EQ(stopped->TextsToEnd().size(), 44u);
}

INSTANTIATE_ON_ENGINES(SubscribeTest);

}  // namespace
}  // namespace eventlog
