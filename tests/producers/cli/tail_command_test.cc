#include "producers/cli/tail_command.h"

#include <string>
#include <vector>

#include "gmock/gmock.h"
#include "grpcpp/server_context.h"
#include "gtest/gtest.h"
#include "producers/cli/dispatcher.h"
#include "tests/support/fake_event_log.h"
#include "tests/support/status_matchers.h"

namespace eventlog {
namespace {

using testing::HasSubstr;
using Writer = FakeEventLog::Writer;

// Serves one record a connection, from where it is asked, and breaks.
grpc::Status OneRecord(int, grpc::ServerContext&, const v1::SubscribeRequest& request, Writer& writer) {
  v1::SubscribeResponse message;
  message.mutable_started()->set_next_offset(request.offset());
  message.mutable_started()->set_epoch("e");
  writer.Write(message);
  v1::Record* record = message.mutable_batch()->add_records();
  record->set_offset(request.offset());
  record->mutable_event()->set_type("t");
  record->mutable_event()->set_text("[\n1]");
  message.mutable_batch()->set_next_offset(request.offset() + 1);
  writer.Write(message);
  return {grpc::StatusCode::UNAVAILABLE, "broken"};
}

absl::StatusOr<v1::SubscribeRequest> FromFlag(const std::string& from) {
  return SubscribeRequestFromFlags(*CommandLine::Parse({"--from=" + from}, {{"from", "START", ""}}));
}

TEST(TailCommandTest, PrintsLinesAcrossConnectionsAndEndsAfterCount) {
  FakeEventLog log;
  log.SetScript(OneRecord);
  testing::internal::CaptureStdout();
  testing::internal::CaptureStderr();
  EXPECT_EQ(RunCommand(TailCommand(), {log.address(), "", true, false}, {"--from=7", "--count=2"}), kExitOk);
  EXPECT_THAT(testing::internal::GetCapturedStderr(), HasSubstr("reconnecting: broken"));
  const std::string rest =
      ",\"id\":\"\",\"time\":\"1970-01-01T00:00:00Z\",\"type\":\"t\",\"source\":\"/\",\"data\":[ 1]}\n";
  EXPECT_EQ(testing::internal::GetCapturedStdout(), "{\"offset\":7" + rest + "{\"offset\":8" + rest);
}

TEST(TailCommandTest, SaysAReasonOnceHoweverOftenItTries) {
  FakeEventLog log;
  log.SetScript([](int call, grpc::ServerContext& context, const v1::SubscribeRequest& request, Writer& writer) {
    if (call % 3 != 2) return grpc::Status{grpc::StatusCode::UNAVAILABLE, "not yet"};
    return OneRecord(call, context, request, writer);
  });
  testing::internal::CaptureStdout();
  testing::internal::CaptureStderr();
  EXPECT_EQ(RunCommand(TailCommand(), {log.address(), "", true, false}, {"--from=7", "--count=2"}), kExitOk);
  testing::internal::GetCapturedStdout();
  const std::string said = testing::internal::GetCapturedStderr();
  EXPECT_EQ(said,
            "eventlog tail: reconnecting: not yet\n"
            "eventlog tail: reconnecting: broken\n"
            "eventlog tail: reconnecting: not yet\n");
}

TEST(TailCommandTest, ExitCodesTellRefusedUsageAndAwayApart) {
  FakeEventLog log;
  testing::internal::CaptureStderr();
  EXPECT_EQ(RunCommand(TailCommand(), {log.address(), "", true, false}, {}), kExitRefused);
  for (const char* wrong : {"--from=x", "--count=0", "--typ=t", "word", "--timeout_s=-1"}) {
    EXPECT_EQ(RunCommand(TailCommand(), {log.address(), "", true, false}, {wrong}), kExitUsage) << wrong;
  }
  log.Stop();
  EXPECT_EQ(RunCommand(TailCommand(), {log.address(), "", true, false}, {"--timeout_s=0"}), kExitUnreachable);
  testing::internal::GetCapturedStderr();
}

TEST(TailCommandTest, EachStartHasItsForm) {
  EXPECT_TRUE(FromFlag("latest")->has_latest());
  EXPECT_TRUE(FromFlag("earliest")->has_earliest());
  EXPECT_EQ(FromFlag("12")->offset(), 12);
  EXPECT_EQ(FromFlag("tail:3")->tail(), 3);
  EXPECT_EQ(FromFlag("time:2026-01-02T03:04:05.5Z")->time().nanos(), 500'000'000);
  for (const char* wrong : {"", "-1", "tail:", "tail:-1", "time:", "time:infinite-past", "Latest", "1x"}) {
    EXPECT_THAT(FromFlag(wrong), StatusIs(absl::StatusCode::kInvalidArgument)) << wrong;
  }
}

}  // namespace
}  // namespace eventlog
