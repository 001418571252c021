#include "producers/cli/append_command.h"

#include <unistd.h>

#include <iostream>
#include <sstream>
#include <string>

#include "absl/strings/str_cat.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "producers/cli/dispatcher.h"
#include "tests/support/fake_event_log.h"
#include "tests/support/status_matchers.h"

namespace eventlog {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;

struct Outcome {
  ExitCode code;
  std::string out;
  std::string err;
};

Outcome Append(const FakeEventLog& log, const std::vector<std::string>& arguments, const std::string& input = "") {
  std::istringstream stream(input);
  std::streambuf* const before = std::cin.rdbuf(stream.rdbuf());
  std::cin.clear();
  testing::internal::CaptureStdout();
  testing::internal::CaptureStderr();
  Outcome outcome{RunCommand(AppendCommand(), {log.address(), "", true, false}, arguments), "", ""};
  outcome.out = testing::internal::GetCapturedStdout();
  outcome.err = testing::internal::GetCapturedStderr();
  std::cin.rdbuf(before);
  return outcome;
}

TEST(AppendCommandTest, AppendsOneEventFromFlags) {
  FakeEventLog log;
  const Outcome outcome = Append(log, {"--type=a.b", "--subject", "s", "--attribute=k=v=w", "--data", "{\"n\": 1}"});
  EXPECT_EQ(outcome.code, kExitOk) << outcome.err;
  EXPECT_EQ(outcome.out, "{\"offset\":0}\n");
  const v1::Event event = log.requests().at(0).events(0);
  EXPECT_EQ(event.type(), "a.b");
  EXPECT_EQ(event.subject(), "s");
  EXPECT_EQ(event.attributes().at("k"), "v=w");
  EXPECT_EQ(event.text(), "{\"n\": 1}");
}

TEST(AppendCommandTest, AppendsLinesAndNamesTheWrongOnes) {
  FakeEventLog log;
  const Outcome outcome =
      Append(log, {"-"}, "{\"type\":\"t\",\"data\":1}\n\n{\"typ\":\"t\"}\n{\"type\":\"t\",\"data\":2}");
  EXPECT_EQ(outcome.code, kExitRefused);
  EXPECT_EQ(outcome.out, "{\"offset\":0}\n{\"offset\":1}\n");
  EXPECT_THAT(outcome.err, HasSubstr("line 3, column 1: \"typ\""));
  EXPECT_THAT(log.texts(), ElementsAre("1", "2"));
}

TEST(AppendCommandTest, SaysTheReasonOfARefusal) {
  FakeEventLog log;
  log.SetJudge([](const v1::AppendRequest&) {
    return FakeEventLog::Verdict{FakeEventLog::Fate::kRefuse, RpcError(3, "EVENT_INVALID")};
  });
  const Outcome outcome = Append(log, {"--type=t"});
  EXPECT_EQ(outcome.code, kExitRefused);
  EXPECT_THAT(outcome.err, HasSubstr("eventlog append: EVENT_INVALID: scripted"));
  EXPECT_EQ(outcome.out, "");
}

TEST(AppendCommandTest, AServiceThatIsAwayIsExitCode3) {
  FakeEventLog log;
  log.Stop();
  EXPECT_EQ(Append(log, {"--type=t", "--timeout_s=0"}).code, kExitUnreachable);
}

TEST(AppendCommandTest, ATimeoutSaysWhatTheServiceAnsweredLast) {
  FakeEventLog log;
  log.SetJudge([](const v1::AppendRequest&) {
    return FakeEventLog::Verdict{FakeEventLog::Fate::kRefuse, RpcError(14, "STORAGE_FAILED")};
  });
  const Outcome failing = Append(log, {"--type=t", "--timeout_s=1"});
  EXPECT_EQ(failing.code, kExitUnreachable);
  EXPECT_THAT(failing.err, HasSubstr("eventlog append: STORAGE_FAILED: "));
  EXPECT_THAT(failing.err, HasSubstr("scripted STORAGE_FAILED"));
  log.Stop();
  EXPECT_THAT(Append(log, {"--type=t", "--timeout_s=1"}).err, HasSubstr("onnect"));
}

TEST(AppendCommandTest, AFullQueueAndNoServiceDoesNotWaitForEver) {
  FakeEventLog log;
  log.Stop();
  std::string input;
  for (int i = 0; i < 70'000; ++i) input += "{\"type\":\"t\"}\n";
  EXPECT_EQ(Append(log, {"--stdin", "--timeout_s=1"}, input).code, kExitUnreachable);
}

TEST(AppendCommandTest, BytesMayComeFromAPipe) {
  FakeEventLog log;
  int ends[2];
  ASSERT_EQ(pipe(ends), 0);
  ASSERT_EQ(write(ends[1], "bytes", 5), 5);
  close(ends[1]);
  EXPECT_EQ(Append(log, {"--type=t", absl::StrCat("--binary_file=/dev/fd/", ends[0])}).code, kExitOk);
  close(ends[0]);
  ASSERT_EQ(log.requests().size(), 1U);
  EXPECT_EQ(log.requests()[0].events(0).binary(), "bytes");
}

TEST(AppendCommandTest, WrongFlagsAreUsage) {
  FakeEventLog log;
  for (const std::vector<std::string>& arguments :
       std::vector<std::vector<std::string>>{{},
                                             {"--typ=t"},
                                             {"--stdin", "--type=t"},
                                             {"-", "--data=1"},
                                             {"-", "-"},
                                             {"--type=t", "word"},
                                             {"--type=t", "--data={"},
                                             {"--type=t", "--data=1", "--text=1"},
                                             {"--type=t", "--attribute=k"},
                                             {"--type=t", "--timeout_s=-1"},
                                             {"--type=t", "--time=now"},
                                             {"--type=t", "--binary-file=no/such/file"},
                                             {"--type=t", "--binary-file=/"}}) {
    EXPECT_EQ(Append(log, arguments).code, kExitUsage) << testing::PrintToString(arguments);
  }
  EXPECT_TRUE(log.requests().empty());
}

TEST(AppendCommandTest, HelpNamesTheExitCodes) {
  FakeEventLog log;
  const Outcome outcome = Append(log, {"--help"});
  EXPECT_EQ(outcome.code, kExitOk);
  EXPECT_THAT(outcome.out, HasSubstr("Exit codes: 0 done"));
}

}  // namespace
}  // namespace eventlog
