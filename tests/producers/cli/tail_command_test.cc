#include "producers/cli/tail_command.h"

#include <string>
#include <vector>

#include "absl/time/clock.h"
#include "absl/time/time.h"
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
  return SubscribeRequestFromFlags(*CommandLine::Parse({"--from=" + from}, {{"from", "START", ""}}), absl::Now());
}

absl::StatusOr<v1::SubscribeRequest> FromFlags(const std::vector<std::string>& arguments) {
  const absl::Time now = absl::FromUnixSeconds(10'000);
  return SubscribeRequestFromFlags(*CommandLine::Parse(arguments, TailCommand().flags()), now);
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

TEST(TailCommandTest, SinceAndUntilTakeTimesOffsetsAndHowLongAgo) {
  EXPECT_EQ(FromFlags({"--since=10m"})->time().seconds(), 10'000 - 600);
  EXPECT_EQ(FromFlags({"--since=7"})->offset(), 7);
  EXPECT_EQ(FromFlags({"--since=1970-01-01T00:00:05Z"})->time().seconds(), 5);
  EXPECT_EQ(FromFlags({"--until=1m"})->until_time().seconds(), 10'000 - 60);
  EXPECT_EQ(FromFlags({"--until=9"})->until_offset(), 9);
  EXPECT_TRUE(FromFlags({"--until=9"})->has_latest());
  for (const std::vector<std::string>& wrong : std::vector<std::vector<std::string>>{{"--since=x"},
                                                                                     {"--until=x"},
                                                                                     {"--since=1m", "--from=latest"},
                                                                                     {"--until=9", "--until-caught-up"},
                                                                                     {"-f", "--until=9"}}) {
    EXPECT_THAT(FromFlags(wrong), StatusIs(absl::StatusCode::kInvalidArgument)) << testing::PrintToString(wrong);
  }
}

TEST(TailCommandTest, EachFilterHasItsFlag) {
  const auto request =
      FromFlags({"--type=a.*", "--type=b", "--subject=s", "--source=/x", "--attribute=k=v=w", "--attribute=l="});
  ASSERT_THAT(request, IsOk());
  EXPECT_THAT(request->filter().types(), testing::ElementsAre("a.*", "b"));
  EXPECT_EQ(request->filter().subjects(0), "s");
  EXPECT_EQ(request->filter().sources(0), "/x");
  EXPECT_EQ(request->filter().attributes().at("k"), "v=w");
  EXPECT_EQ(request->filter().attributes().at("l"), "");
  EXPECT_THAT(FromFlags({"--attribute=k"}), StatusIs(absl::StatusCode::kInvalidArgument, HasSubstr("KEY=VALUE")));
  EXPECT_THAT(FromFlags({"--attribute=k=1", "--attribute=k=2"}), StatusIs(absl::StatusCode::kInvalidArgument));
}

}  // namespace
}  // namespace eventlog
