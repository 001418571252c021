#include "producers/cli/appender.h"

#include <istream>
#include <sstream>
#include <streambuf>
#include <string>
#include <utility>

#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "tests/support/fake_event_log.h"

namespace eventlog {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;
using testing::Not;

struct Outcome {
  ExitCode code;
  std::string out;
  std::string err;
};

Outcome AppendText(const FakeEventLog& log, const std::string& text, absl::Duration timeout = absl::Seconds(60)) {
  testing::internal::CaptureStdout();
  testing::internal::CaptureStderr();
  std::istringstream input(text);
  Appender appender({log.address(), "", timeout, true, ProgressBarOptions()});
  appender.AppendObjects(input);
  Outcome outcome{appender.Close(), "", ""};
  outcome.out = testing::internal::GetCapturedStdout();
  outcome.err = testing::internal::GetCapturedStderr();
  return outcome;
}

TEST(AppenderTest, ObjectsOfAnyLayoutAreAppendedInOrder) {
  FakeEventLog log;
  const Outcome outcome = AppendText(
      log, "{\"type\":\"t\",\"data\":1}{\"type\":\"t\",\"data\":2}\n{\n  \"type\": \"t\",\n  \"data\": 3\n}\n");
  EXPECT_EQ(outcome.code, kExitOk) << outcome.err;
  EXPECT_EQ(outcome.out, "{\"offset\":0}\n{\"offset\":1}\n{\"offset\":2}\n");
  EXPECT_THAT(log.texts(), ElementsAre("1", "2", "3"));
}

TEST(AppenderTest, WhatIsWrongIsNamedAndTheRestIsAppended) {
  FakeEventLog log;
  const Outcome outcome = AppendText(log,
                                     "{\"type\":\"t\",\"data\":1}\n{\"type\":\"t\",\"data\":{\n{\"typ\":1}\n"
                                     "{\"type\":\"t\",\"data\":2} {\"type\":\"t\",\"time\":\"x\"}\n");
  EXPECT_EQ(outcome.code, kExitRefused);
  EXPECT_THAT(outcome.err, HasSubstr("line 2, column 1: the object has no end"));
  EXPECT_THAT(outcome.err, HasSubstr("line 3, column 1: \"typ\""));
  EXPECT_THAT(outcome.err, HasSubstr("line 4, column 23: \"time\""));
  EXPECT_THAT(log.texts(), ElementsAre("1", "2"));
}

// The same line again and again: far more of them than a client has room for before it must have an answer.
class LongInput : public std::streambuf {
 public:
  explicit LongInput(std::string line) : line_(std::move(line)) {}

  bool ended() const { return left_ == 0; }

 private:
  int_type underflow() override {
    if (ended() || --left_ == 0) return traits_type::eof();
    setg(line_.data(), line_.data(), line_.data() + line_.size());
    return traits_type::to_int_type(line_[0]);
  }

  std::string line_;
  int left_ = 200'000;
};

TEST(AppenderTest, NoFurtherLineIsReadWhereTheLogIsMissing) {
  FakeEventLog log;
  log.SetJudge([](const v1::AppendRequest&) {
    return FakeEventLog::Verdict{FakeEventLog::Fate::kRefuse, RpcError(5, "LOG_NOT_FOUND")};
  });
  testing::internal::CaptureStderr();
  LongInput lines("{\"type\":\"t\"}\n");
  std::istream input(&lines);
  Appender appender({log.address(), "", absl::Seconds(60), true, ProgressBarOptions()});
  appender.AppendObjects(input);
  EXPECT_EQ(appender.Close(), kExitRefused);
  const std::string err = testing::internal::GetCapturedStderr();
  EXPECT_FALSE(lines.ended());
  EXPECT_THAT(err, HasSubstr("`eventlog logs create`"));
  EXPECT_EQ(err.find("eventlog append: "), err.rfind("eventlog append: ")) << err;
}

TEST(AppenderTest, AServiceThatIsThereAndSilentIsWaitedForAndToldApartFromOneThatIsAway) {
  FakeEventLog log;
  log.Hold(true);
  const Outcome silent = AppendText(log, "{\"type\":\"t\"}", absl::Seconds(2));
  EXPECT_EQ(silent.code, kExitUnreachable);
  EXPECT_THAT(silent.err, HasSubstr("waiting for " + log.address() + " to answer..."));
  EXPECT_THAT(silent.err, HasSubstr("is there and did not answer in 2 s"));
  EXPECT_THAT(silent.err, Not(HasSubstr("was not reached")));
  log.Hold(false);
  log.Stop();
  const Outcome away = AppendText(log, "{\"type\":\"t\"}", absl::Seconds(2));
  EXPECT_EQ(away.code, kExitUnreachable);
  EXPECT_THAT(away.err, HasSubstr("waiting for " + log.address() + "...\n"));
  EXPECT_THAT(away.err, HasSubstr("was not reached in 2 s"));
}

}  // namespace
}  // namespace eventlog
