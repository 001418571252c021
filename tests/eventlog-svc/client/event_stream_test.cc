#include "eventlog-svc/client/event_stream.h"

#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "absl/base/thread_annotations.h"
#include "absl/strings/str_cat.h"
#include "absl/synchronization/mutex.h"
#include "eventlog-svc/client/channel.h"
#include "gmock/gmock.h"
#include "grpcpp/security/server_credentials.h"
#include "grpcpp/server.h"
#include "grpcpp/server_builder.h"
#include "grpcpp/server_context.h"
#include "grpcpp/support/byte_buffer.h"
#include "grpcpp/support/server_callback.h"
#include "grpcpp/support/slice.h"
#include "gtest/gtest.h"
#include "tests/support/fake_event_log.h"
#include "tests/support/status_matchers.h"

namespace eventlog {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;
using Writer = FakeEventLog::Writer;

void Started(Writer& writer, int64_t next_offset, const std::string& epoch = "e", int64_t head = 100) {
  v1::SubscribeResponse message;
  message.mutable_started()->set_next_offset(next_offset);
  message.mutable_started()->set_epoch(epoch);
  message.mutable_started()->set_head_offset(head);
  writer.Write(message);
}

void Batch(Writer& writer, const std::vector<int64_t>& offsets, int64_t next_offset) {
  v1::SubscribeResponse message;
  for (const int64_t offset : offsets) message.mutable_batch()->add_records()->set_offset(offset);
  message.mutable_batch()->set_next_offset(next_offset);
  writer.Write(message);
}

void Heartbeat(Writer& writer, int64_t next_offset) {
  v1::SubscribeResponse message;
  message.mutable_heartbeat()->set_next_offset(next_offset);
  writer.Write(message);
}

grpc::Status Broken() { return {grpc::StatusCode::UNAVAILABLE, "broken"}; }

grpc::Status UntilReached(Writer& writer) {
  v1::SubscribeResponse message;
  message.mutable_ending()->set_reason(v1::ENDING_REASON_UNTIL_REACHED);
  writer.Write(message);
  return grpc::Status::OK;
}

// Writes down what it hears, and waits for the end.
class Listener : public EventStreamHandler {
 public:
  void OnStarted(const v1::SubscribeResponse::Started&) override { Note("started"); }
  void OnBatch(v1::SubscribeResponse::Batch& batch) override {
    absl::MutexLock lock(&mutex_);
    for (const v1::Record& record : batch.records()) offsets_.push_back(record.offset());
  }
  void OnGap(const v1::Gap& gap) override { Note(absl::StrCat("gap ", gap.start_offset(), " ", gap.next_offset())); }
  void OnCaughtUp(int64_t next_offset) override { Note(absl::StrCat("caught up ", next_offset)); }
  void OnHeartbeat(int64_t next_offset) override { Note(absl::StrCat("heartbeat ", next_offset)); }
  void OnDisconnected(const absl::Status& status) override {
    absl::MutexLock lock(&mutex_);
    losses_.push_back(status);
  }
  void OnEnded(const absl::Status& status) override {
    absl::MutexLock lock(&mutex_);
    end_ = status;
  }

  absl::Status AwaitEnd() {
    absl::MutexLock lock(&mutex_);
    const auto ended = [this]() ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_) { return end_.has_value(); };
    if (!mutex_.AwaitWithTimeout(absl::Condition(&ended), absl::Seconds(60))) return absl::UnknownError("no end came");
    return *end_;
  }
  bool AwaitNote(const std::string& note) {
    absl::MutexLock lock(&mutex_);
    const auto there = [&]() ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_) { return !notes_.empty() && notes_.back() == note; };
    return mutex_.AwaitWithTimeout(absl::Condition(&there), absl::Seconds(60));
  }
  bool AwaitLoss() {
    absl::MutexLock lock(&mutex_);
    const auto lost = [this]() ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_) { return !losses_.empty(); };
    return mutex_.AwaitWithTimeout(absl::Condition(&lost), absl::Seconds(60));
  }
  std::vector<int64_t> offsets() {
    absl::MutexLock lock(&mutex_);
    return offsets_;
  }
  std::vector<std::string> notes() {
    absl::MutexLock lock(&mutex_);
    return notes_;
  }
  std::vector<absl::Status> losses() {
    absl::MutexLock lock(&mutex_);
    return losses_;
  }
  bool ended() {
    absl::MutexLock lock(&mutex_);
    return end_.has_value();
  }

 private:
  void Note(std::string note) {
    absl::MutexLock lock(&mutex_);
    notes_.push_back(std::move(note));
  }

  absl::Mutex mutex_;
  std::vector<int64_t> offsets_ ABSL_GUARDED_BY(mutex_);
  std::vector<std::string> notes_ ABSL_GUARDED_BY(mutex_);
  std::vector<absl::Status> losses_ ABSL_GUARDED_BY(mutex_);
  std::optional<absl::Status> end_ ABSL_GUARDED_BY(mutex_);
};

// A log service whose subscriptions bring one message that is no message, and stay open.
class GarbageLog : private v1::EventLog::WithRawCallbackMethod_Subscribe<v1::EventLog::Service> {
 public:
  GarbageLog() {
    grpc::ServerBuilder builder;
    builder.AddListeningPort("127.0.0.1:0", grpc::InsecureServerCredentials(), &port_);
    builder.RegisterService(this);
    server_ = builder.BuildAndStart();
  }

  std::string address() const { return absl::StrCat("127.0.0.1:", port_); }

 private:
  class Subscription : public grpc::ServerWriteReactor<grpc::ByteBuffer> {
   public:
    Subscription() {
      const grpc::Slice bytes("\xff\xff\xff");
      message_ = grpc::ByteBuffer(&bytes, 1);
      StartWrite(&message_);
    }
    void OnCancel() override { Finish(grpc::Status::CANCELLED); }
    void OnDone() override { delete this; }

   private:
    grpc::ByteBuffer message_;
  };

  grpc::ServerWriteReactor<grpc::ByteBuffer>* Subscribe(grpc::CallbackServerContext*,
                                                        const grpc::ByteBuffer*) override {
    return new Subscription;
  }

  int port_ = 0;
  std::unique_ptr<grpc::Server> server_;
};

class EventStreamTest : public testing::Test {
 protected:
  EventStreamTest() { options_.backoff = {absl::Milliseconds(1), absl::Milliseconds(10)}; }

  void Follow() { stream_ = std::make_unique<EventStream>(NewChannel(log_.address()), options_, listener_); }

  FakeEventLog log_;
  Listener listener_;
  EventStreamOptions options_;
  std::unique_ptr<EventStream> stream_;
};

TEST_F(EventStreamTest, ResumesWithoutGapOrRepeatWhereverTheConnectionBreaks) {
  log_.SetScript([](int connection, grpc::ServerContext&, const v1::SubscribeRequest& request, Writer& writer) {
    const int64_t from = request.offset();
    Started(writer, from);
    if (from + 2 > 40) return UntilReached(writer);
    Batch(writer, {from, from + 1}, from + 2);
    return connection % 2 == 0 ? Broken() : grpc::Status::OK;
  });
  Follow();
  EXPECT_THAT(listener_.AwaitEnd(), IsOk());
  const std::vector<int64_t> offsets = listener_.offsets();
  ASSERT_EQ(offsets.size(), 40u);
  for (int64_t i = 0; i < 40; ++i) EXPECT_EQ(offsets[static_cast<size_t>(i)], i);
  EXPECT_EQ(listener_.losses().size(), 20u);
}

TEST_F(EventStreamTest, TheStartHoldsForTheFirstConnectionOnly) {
  options_.request.set_tail(5);
  log_.SetScript([](int connection, grpc::ServerContext&, const v1::SubscribeRequest& request, Writer& writer) {
    if (connection == 0) {
      EXPECT_EQ(request.tail(), 5);
      Started(writer, 95);
      return Broken();
    }
    EXPECT_EQ(request.start_case(), v1::SubscribeRequest::kOffset);
    EXPECT_EQ(request.offset(), 95);
    Started(writer, 95);
    return UntilReached(writer);
  });
  Follow();
  EXPECT_THAT(listener_.AwaitEnd(), IsOk());
}

TEST_F(EventStreamTest, CaughtUpMeansTheHeadOfTheFirstConnection) {
  options_.request.mutable_until_caught_up();
  log_.SetScript([](int connection, grpc::ServerContext&, const v1::SubscribeRequest& request, Writer& writer) {
    Started(writer, 0, "e", connection == 0 ? 10 : 20);
    if (connection == 0) return Broken();
    EXPECT_EQ(request.until_offset(), 10);
    return UntilReached(writer);
  });
  Follow();
  EXPECT_THAT(listener_.AwaitEnd(), IsOk());
}

TEST_F(EventStreamTest, ProgressUnderAFilterIsKept) {
  log_.SetScript([](int connection, grpc::ServerContext&, const v1::SubscribeRequest& request, Writer& writer) {
    Started(writer, request.offset());
    if (connection == 1) {
      EXPECT_EQ(request.offset(), 50);
      return UntilReached(writer);
    }
    v1::SubscribeResponse gap;
    gap.mutable_gap()->set_start_offset(10);
    gap.mutable_gap()->set_next_offset(30);
    writer.Write(gap);
    v1::SubscribeResponse caught_up;
    caught_up.mutable_caught_up()->set_next_offset(40);
    writer.Write(caught_up);
    Heartbeat(writer, 50);
    return Broken();
  });
  Follow();
  EXPECT_THAT(listener_.AwaitEnd(), IsOk());
  EXPECT_THAT(listener_.notes(), ElementsAre("started", "gap 10 30", "caught up 40", "heartbeat 50", "started"));
}

TEST_F(EventStreamTest, RepeatedRecordsAreDropped) {
  log_.SetScript([](int, grpc::ServerContext&, const v1::SubscribeRequest&, Writer& writer) {
    Started(writer, 0);
    Batch(writer, {0, 1, 2}, 3);
    Batch(writer, {1, 2}, 3);
    Batch(writer, {2, 3, 7}, 8);
    return UntilReached(writer);
  });
  Follow();
  EXPECT_THAT(listener_.AwaitEnd(), IsOk());
  EXPECT_THAT(listener_.offsets(), ElementsAre(0, 1, 2, 3, 7));
}

// What a service does wrong on the first connection, and what the stream says about it.
struct Misdeed {
  std::string says;
  void (*act)(Writer& writer);
};

TEST_F(EventStreamTest, AServiceThatGoesBackIsLeftAndNothingComesTwice) {
  const Misdeed misdeeds[] = {
      {"went back", [](Writer& writer) { Heartbeat(writer, 1); }},
      {"out of order",
       [](Writer& writer) {
         Batch(writer, {6, 5}, 7);
       }},
      {"began", [](Writer&) {}},
  };
  for (const Misdeed& misdeed : misdeeds) {
    FakeEventLog log;
    Listener listener;
    log.SetScript(
        [&](int connection, grpc::ServerContext& context, const v1::SubscribeRequest& request, Writer& writer) {
          if (connection == 0) {
            Started(writer, 0);
            Batch(writer, {0, 1, 2, 3}, 4);
            if (misdeed.says != "began") misdeed.act(writer);
            if (misdeed.says == "began") return Broken();
            FakeEventLog::AwaitCancelled(context);
            return Broken();
          }
          if (misdeed.says == "began" && connection == 1) {
            Heartbeat(writer, 0);
            FakeEventLog::AwaitCancelled(context);
            return Broken();
          }
          EXPECT_EQ(request.offset(), 4);
          Started(writer, 4);
          Batch(writer, {4}, 5);
          return UntilReached(writer);
        });
    EventStream stream(NewChannel(log.address()), options_, listener);
    EXPECT_THAT(listener.AwaitEnd(), IsOk()) << misdeed.says;
    EXPECT_THAT(listener.offsets(), ElementsAre(0, 1, 2, 3, 4)) << misdeed.says;
    ASSERT_FALSE(listener.losses().empty());
    if (misdeed.says == "began") {
      EXPECT_THAT(std::string(listener.losses().back().message()), HasSubstr("did not begin"));
    } else {
      EXPECT_THAT(std::string(listener.losses()[0].message()), HasSubstr(misdeed.says));
    }
  }
}

TEST_F(EventStreamTest, ResumingFurtherOnIsNotTakenForResuming) {
  log_.SetScript([](int connection, grpc::ServerContext& context, const v1::SubscribeRequest&, Writer& writer) {
    Started(writer, connection == 1 ? 9 : 0);
    if (connection == 0) return Broken();
    if (connection == 2) return UntilReached(writer);
    FakeEventLog::AwaitCancelled(context);
    return Broken();
  });
  Follow();
  EXPECT_THAT(listener_.AwaitEnd(), IsOk());
  ASSERT_EQ(listener_.losses().size(), 2u);
  EXPECT_THAT(std::string(listener_.losses()[1].message()), HasSubstr("resumed at 9"));
}

TEST_F(EventStreamTest, AnotherEpochEndsTheStream) {
  log_.SetScript([](int connection, grpc::ServerContext& context, const v1::SubscribeRequest&, Writer& writer) {
    Started(writer, 0, connection == 0 ? "one" : "two");
    if (connection > 0) FakeEventLog::AwaitCancelled(context);
    return Broken();
  });
  Follow();
  EXPECT_THAT(listener_.AwaitEnd(), StatusIs(absl::StatusCode::kFailedPrecondition, HasSubstr("two")));
  EXPECT_THAT(listener_.notes(), ElementsAre("started"));
}

TEST_F(EventStreamTest, ARefusedRequestEndsTheStream) {
  log_.SetScript([](int, grpc::ServerContext&, const v1::SubscribeRequest&, Writer&) {
    return grpc::Status(grpc::StatusCode::OUT_OF_RANGE, "beyond the head");
  });
  Follow();
  EXPECT_THAT(listener_.AwaitEnd(), StatusIs(absl::StatusCode::kOutOfRange));
  EXPECT_TRUE(listener_.losses().empty());
}

TEST_F(EventStreamTest, ASilentConnectionIsGivenUp) {
  options_.silence_max = absl::Milliseconds(100);
  log_.SetScript([](int connection, grpc::ServerContext& context, const v1::SubscribeRequest&, Writer& writer) {
    Started(writer, 0);
    if (connection > 0) return UntilReached(writer);
    FakeEventLog::AwaitCancelled(context);
    return Broken();
  });
  Follow();
  EXPECT_THAT(listener_.AwaitEnd(), IsOk());
  ASSERT_EQ(listener_.losses().size(), 1u);
  EXPECT_THAT(listener_.losses()[0], StatusIs(absl::StatusCode::kUnavailable, HasSubstr("silent")));
}

TEST_F(EventStreamTest, AMessageThatNobodyCanReadIsToldAndTheConnectionMadeAnew) {
  GarbageLog log;
  options_.silence_max = absl::Hours(1);
  EventStream stream(NewChannel(log.address()), options_, listener_);
  ASSERT_TRUE(listener_.AwaitLoss());
  EXPECT_THAT(listener_.losses()[0], StatusIs(absl::StatusCode::kInternal, HasSubstr("could not be read")));
}

TEST_F(EventStreamTest, AHeartbeatIntervalThatIsNoneDoesNotEndTheConnection) {
  for (const int seconds : {0, -1}) {
    FakeEventLog log;
    Listener listener;
    log.SetScript([](int, grpc::ServerContext& context, const v1::SubscribeRequest&, Writer& writer) {
      Started(writer, 0);
      if (FakeEventLog::AwaitCancelled(context, absl::Milliseconds(300))) return Broken();
      return UntilReached(writer);
    });
    options_.request.mutable_heartbeat_interval()->set_seconds(seconds);
    EventStream stream(NewChannel(log.address()), options_, listener);
    EXPECT_THAT(listener.AwaitEnd(), IsOk());
    EXPECT_TRUE(listener.losses().empty()) << seconds;
  }
}

TEST_F(EventStreamTest, StopEndsAStreamThatWaits) {
  log_.SetScript([](int, grpc::ServerContext& context, const v1::SubscribeRequest&, Writer& writer) {
    Started(writer, 0);
    FakeEventLog::AwaitCancelled(context);
    return Broken();
  });
  Follow();
  ASSERT_TRUE(listener_.AwaitNote("started"));
  stream_->Stop();
  EXPECT_FALSE(listener_.ended());
}

TEST_F(EventStreamTest, StopEndsAStreamThatPauses) {
  options_.backoff = {absl::Hours(1), absl::Hours(1)};
  log_.Stop();
  Follow();
  stream_->Stop();
  EXPECT_FALSE(listener_.ended());
}

}  // namespace
}  // namespace eventlog
