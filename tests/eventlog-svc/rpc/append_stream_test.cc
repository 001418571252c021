#include "eventlog-svc/rpc/append_stream.h"

#include <string>
#include <thread>
#include <utility>

#include "absl/synchronization/notification.h"
#include "absl/time/time.h"
#include "eventlog-svc/engine/memory/memory_engine.h"
#include "eventlog-svc/rpc/event_log_service.h"
#include "gtest/gtest.h"
#include "tests/conformance/live_service.h"
#include "tests/eventlog-svc/rpc/queue_server.h"
#include "tests/support/log_driver.h"
#include "tests/support/status_matchers.h"

namespace eventlog {
namespace {

// A client that does not read its answers: what is unanswered, and so what is held, stays bounded, and nothing is lost.
TEST(AppendStreamTest, AClientThatDoesNotReadIsNotReadFrom) {
  LiveService service("memory");
  const auto stub = service.NarrowStub();
  grpc::ClientContext context;
  SetSafetyDeadline(context);
  const auto stream = stub->AppendStream(&context);
  constexpr int kItems = 30'000;
  absl::Notification all_written;
  std::thread writer([&] {
    const v1::AppendRequest request = AppendOf({std::string(1000, 'x')});
    for (int i = 0; i < kItems; ++i) ASSERT_TRUE(stream->Write(request));
    stream->WritesDone();
    all_written.Notify();
  });
  // A service that read on would have taken everything by then, or this test sees less than it could.
  EXPECT_FALSE(all_written.WaitForNotificationWithTimeout(absl::Seconds(5)));
  EXPECT_LT(service.Stats().head_offset(), kItems / 3);
  v1::AppendStreamResponse answer;
  int64_t expected = 0;
  while (stream->Read(&answer)) ASSERT_EQ(answer.appended().first_offset(), expected++);
  writer.join();
  EXPECT_EQ(expected, kItems);
  EXPECT_TRUE(stream->Finish().ok());
}

TEST(AppendStreamTest, TextThatIsNotUtf8IsAnsweredAndEndsTheOrder) {
  LiveService service("memory");
  grpc::ClientContext context;
  SetSafetyDeadline(context);
  const auto stream = service.stub().AppendStream(&context);
  ASSERT_TRUE(stream->Write(AppendOf({"good"})));
  ASSERT_TRUE(stream->Write(AppendOf({"\xFF"})));
  ASSERT_TRUE(stream->Write(AppendOf({"late"})));
  stream->WritesDone();
  v1::AppendStreamResponse answer;
  ASSERT_TRUE(stream->Read(&answer));
  EXPECT_TRUE(answer.has_appended());
  ASSERT_TRUE(stream->Read(&answer));
  EXPECT_EQ(answer.error().code(), grpc::INVALID_ARGUMENT);
  ASSERT_TRUE(stream->Read(&answer)) << "an item was left unanswered";
  EXPECT_EQ(answer.error().code(), grpc::ABORTED);
  EXPECT_FALSE(stream->Read(&answer));
  EXPECT_TRUE(stream->Finish().ok());
  EXPECT_EQ(service.Stats().record_count(), 1);
}

TEST(AppendStreamTest, WhenTheServiceDrainsWhatWasTakenIsAnsweredFirst) {
  GatedClock clock;
  MemoryEngineOptions engine_options;
  engine_options.commit.clock = [&clock] { return clock.Now(); };
  const auto engine = NewMemoryEngine(std::move(engine_options));
  ErrorCounter errors;
  EventLogService service(*engine, {}, errors);
  QueueServer server(service);
  service.Serve(server.queue());
  const auto stub = v1::EventLog::NewStub(server.channel());
  grpc::ClientContext context;
  SetSafetyDeadline(context);
  clock.Shut();
  const auto stream = stub->AppendStream(&context);
  ASSERT_TRUE(stream->Write(AppendOf({"taken"})));
  clock.AwaitWaiting();
  service.Drain(absl::ZeroDuration());
  clock.Open();
  v1::AppendStreamResponse answer;
  ASSERT_TRUE(stream->Read(&answer)) << "it is stored, and its client does not know";
  EXPECT_EQ(answer.appended().next_offset(), 1);
  EXPECT_FALSE(stream->Read(&answer));
  EXPECT_THAT(ToAbslStatus(stream->Finish()), HasReason("DRAINING"));
}

TEST(AppendStreamTest, AnEmptyStreamEndsWell) {
  LiveService service("memory");
  grpc::ClientContext context;
  SetSafetyDeadline(context);
  const auto stream = service.stub().AppendStream(&context);
  stream->WritesDone();
  v1::AppendStreamResponse answer;
  EXPECT_FALSE(stream->Read(&answer));
  EXPECT_TRUE(stream->Finish().ok());
}

}  // namespace
}  // namespace eventlog
