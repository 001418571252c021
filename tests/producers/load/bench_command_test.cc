#include "producers/load/bench_command.h"

#include <cstdio>
#include <string>

#include "eventlog-svc/client/json_text.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "producers/cli/dispatcher.h"
#include "tests/conformance/live_service.h"

namespace eventlog {
namespace {

using testing::AllOf;
using testing::HasSubstr;

struct Outcome {
  ExitCode code;
  std::string out;
  std::string err;
};

Outcome Bench(const std::string& server, bool json, const std::vector<std::string>& arguments) {
  CommandContext context;
  context.server = server;
  context.json = json;
  testing::internal::CaptureStdout();
  testing::internal::CaptureStderr();
  Outcome outcome{RunCommand(BenchCommand(), context, arguments), "", ""};
  std::fflush(stdout);
  outcome.out = testing::internal::GetCapturedStdout();
  outcome.err = testing::internal::GetCapturedStderr();
  return outcome;
}

TEST(BenchCommandTest, PrintsJsonOrText) {
  LiveService service("memory");
  const std::string server = service.server().grpc_address().ToString();
  const Outcome json = Bench(server, true, {"--count=100", "--warmup_s=0"});
  EXPECT_EQ(json.code, kExitOk) << json.err;
  EXPECT_TRUE(IsJson(json.out)) << json.out;
  EXPECT_THAT(json.out, HasSubstr("every event came back unchanged: 100 of 100"));
  const Outcome text = Bench(server, false, {"--count=100", "--warmup_s=0"});
  EXPECT_EQ(text.code, kExitOk);
  EXPECT_THAT(text.out, AllOf(HasSubstr("p99.9"), HasSubstr("every event came back unchanged: 100 of 100")));
  EXPECT_EQ(text.err, "");
}

TEST(BenchCommandTest, WrongLineIsRefused) {
  const Outcome outcome = Bench("127.0.0.1:1", true, {"--rate_per_s=0"});
  EXPECT_EQ(outcome.code, kExitUsage);
  EXPECT_THAT(outcome.err, HasSubstr("eventlog bench: --rate_per_s=0"));
  EXPECT_EQ(outcome.out, "");
}

TEST(BenchCommandTest, ServiceThatIsAwayIsNotReached) {
  const Outcome outcome = Bench("127.0.0.1:1", true, {"--timeout_s=0"});
  EXPECT_EQ(outcome.code, kExitUnreachable);
  EXPECT_THAT(outcome.err, AllOf(HasSubstr("eventlog bench: "), HasSubstr("127.0.0.1:1 was not reached")));
  EXPECT_EQ(outcome.out, "");
}

TEST(BenchCommandTest, RefusalIsTold) {
  LiveService service("memory");
  const Outcome outcome = Bench(service.server().grpc_address().ToString(), true, {"--verify_only", "--log=nowhere"});
  EXPECT_EQ(outcome.code, kExitRefused);
  EXPECT_THAT(outcome.err, HasSubstr("eventlog bench: LOG_NOT_FOUND"));
}

}  // namespace
}  // namespace eventlog
