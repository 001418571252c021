#include "eventlog-svc/rpc/append_stream.h"

#include <string>
#include <thread>

#include "gtest/gtest.h"
#include "tests/conformance/live_service.h"
#include "tests/support/status_matchers.h"

namespace eventlog {
namespace {

TEST(AppendStreamTest, AResultBecomesAResponse) {
  const v1::AppendResponse response =
      ToAppendResponse({3, 5, absl::FromUnixSeconds(7), Durability::kFsync, /*duplicate=*/true});
  EXPECT_EQ(response.first_offset(), 3);
  EXPECT_EQ(response.next_offset(), 5);
  EXPECT_EQ(response.append_time().seconds(), 7);
  EXPECT_EQ(response.durability(), v1::DURABILITY_FSYNC);
  EXPECT_TRUE(response.duplicate());
}

// A client that does not read its answers: what is unanswered, and so what is held, stays bounded, and nothing is lost.
TEST(AppendStreamTest, AClientThatDoesNotReadIsNotReadFrom) {
  LiveService service("memory");
  grpc::ClientContext context;
  SetSafetyDeadline(context);
  const auto stream = service.stub().AppendStream(&context);
  constexpr int kItems = 20'000;
  std::thread writer([&] {
    const v1::AppendRequest request = AppendOf({"x"});
    for (int i = 0; i < kItems; ++i) ASSERT_TRUE(stream->Write(request));
    stream->WritesDone();
  });
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
