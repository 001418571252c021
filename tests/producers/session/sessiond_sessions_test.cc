#include "producers/session/sessiond_sessions.h"

#include <atomic>
#include <boost/asio/io_context.hpp>
#include <chrono>
#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/str_cat.h"
#include "absl/time/clock.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "producers/session/event_sink.h"
#include "tests/support/status_matchers.h"

namespace eventlog {
namespace {

using ::testing::HasSubstr;

session::v1::StartSession Request(const std::vector<std::string>& command, const std::string& name = "") {
  session::v1::StartSession request;
  request.set_name(name);
  for (const std::string& word : command) request.add_command(word);
  request.add_environment("PATH=/usr/bin:/bin");
  for (const char* name : {"EVENTLOG_SESSION_ID", "EVENTLOG_SERVER", "EVENTLOG_LOG"}) {
    request.add_environment(absl::StrCat(name, "=of somebody else"));
  }
  return request;
}

class SessiondSessionsTest : public ::testing::Test {
 protected:
  SessiondSessionsTest()
      : registry_(*SessionRegistry::Open(
            absl::StrCat(::testing::TempDir(), "/", ::testing::UnitTest::GetInstance()->current_test_info()->name()))),
        sink_({.add =
                   [this](const std::vector<v1::Event>& events) {
                     kept_ += events.size();
                     return absl::OkStatus();
                   },
               .events_max = 1000,
               .output_bytes_max = 1000,
               .retry_interval = absl::Milliseconds(1)}),
        sessions_(context_, Options(), registry_, sink_) {}

  static SessiondSessionsOptions Options() {
    SessiondSessionsOptions options;
    options.sessions_max = 3;
    options.ended_sessions_max = 2;
    options.server = "log.example:7431";
    return options;
  }
  void Until(const std::function<bool()>& condition) {
    const absl::Time deadline = absl::Now() + absl::Minutes(1);
    while (!condition()) {
      ASSERT_LT(absl::Now(), deadline);
      context_.run_one_for(std::chrono::milliseconds(10));
    }
  }

  SessionRegistry registry_;
  std::atomic<size_t> kept_ = 0;
  EventSink sink_;
  boost::asio::io_context context_;
  SessiondSessions sessions_;
};

TEST_F(SessiondSessionsTest, ASessionIsInTheRegistryWithItsFirstEvent) {
  const auto session = sessions_.Start(Request({"cat"}, "name"));
  ASSERT_THAT(session.status(), IsOk());
  const auto entry = registry_.Read((*session)->info().session_id());
  ASSERT_THAT(entry.status(), IsOk());
  EXPECT_EQ(entry->server(), "log.example:7431");
  EXPECT_EQ(entry->command_process().pid(), (*session)->info().pid());
  EXPECT_GT(entry->command_process().start_time(), 0);
  EXPECT_EQ(entry->unkept_events_size(), 1);  // a SessiondJournal takes it out
  EXPECT_EQ(kept_, 1U);                       // before the command runs
  EXPECT_TRUE(IsHeld(*entry));
}

TEST_F(SessiondSessionsTest, TheCommandSeesItsSessionAndWhereItsEventsGo) {
  const auto session =
      sessions_.Start(Request({"sh", "-c", "echo $EVENTLOG_SESSION_ID at $EVENTLOG_SERVER in ${EVENTLOG_LOG-none}"}));
  ASSERT_THAT(session.status(), IsOk());
  Until([&] { return (*session)->ended(); });
  EXPECT_THAT(std::string((*session)->ring().From(0, 1000)),
              HasSubstr((*session)->info().session_id() + " at log.example:7431 in none"));
}

TEST_F(SessiondSessionsTest, WhatIsWrongIsRefusedAndAppendsNothing) {
  ASSERT_THAT(sessions_.Start(Request({"cat"}, "one")).status(), IsOk());
  EXPECT_THAT(sessions_.Start(Request({"cat"}, "one")).status(), StatusIs(absl::StatusCode::kAlreadyExists));
  EXPECT_THAT(sessions_.Start(Request({"cat"}, "a b")).status(), StatusIs(absl::StatusCode::kInvalidArgument));
  EXPECT_THAT(sessions_.Start(Request({})).status(), StatusIs(absl::StatusCode::kInvalidArgument));
  EXPECT_THAT(sessions_.Start(Request({std::string("a\0b", 3)})).status(),
              StatusIs(absl::StatusCode::kInvalidArgument));
  EXPECT_THAT(sessions_.Start(Request({"cat", std::string(300'000, 'x')})).status(),
              StatusIs(absl::StatusCode::kInvalidArgument, HasSubstr("262144")));
  session::v1::StartSession backwards = Request({"cat"});
  backwards.set_output_bytes_per_second_max(-1);
  EXPECT_THAT(sessions_.Start(backwards).status(),
              StatusIs(absl::StatusCode::kInvalidArgument, HasSubstr("1 or more")));
  EXPECT_THAT(sessions_.Start(Request({"no-such-program"})).status(),
              StatusIs(absl::StatusCode::kAborted, HasSubstr("no-such-program")));
  ASSERT_THAT(sessions_.Start(Request({"cat"})).status(), IsOk());
  ASSERT_THAT(sessions_.Start(Request({"cat"})).status(), IsOk());
  EXPECT_THAT(sessions_.Start(Request({"cat"})).status(), StatusIs(absl::StatusCode::kResourceExhausted));
  sink_.Close(absl::Now() + absl::Minutes(1));
  EXPECT_EQ(kept_, 3U);
}

TEST_F(SessiondSessionsTest, OutputIsToldOfThoseOnlyThatAskForIt) {
  session::v1::StartSession request = Request({"echo", "hello"});
  request.set_output(true);
  request.set_output_bytes_per_second_max(1);  // four bytes, and an event that says that there were more
  const auto telling = sessions_.Start(request);
  const auto quiet = sessions_.Start(Request({"echo", "hello"}));
  ASSERT_THAT(telling.status(), IsOk());
  ASSERT_THAT(quiet.status(), IsOk());
  EXPECT_TRUE((*telling)->info().output());
  EXPECT_FALSE((*quiet)->info().output());
  Until([&] { return sessions_.running() == 0; });
  sink_.Close(absl::Now() + absl::Minutes(1));
  EXPECT_EQ(kept_, 2U + 2U + 2U);
}

TEST_F(SessiondSessionsTest, TheLastThatEndedAreListedAndNotFound) {
  for (int i = 0; i < 3; ++i) {
    const auto session = sessions_.Start(Request({"true"}, absl::StrCat("n", i)));
    ASSERT_THAT(session.status(), IsOk());
    Until([&] { return sessions_.running() == 0; });
    EXPECT_THAT(sessions_.Find(absl::StrCat("n", i)).status(), StatusIs(absl::StatusCode::kNotFound));
  }
  const session::v1::SessionList list = sessions_.List();
  ASSERT_EQ(list.sessions_size(), 2);
  EXPECT_EQ(list.sessions(0).name(), "n1");
  EXPECT_EQ(list.sessions(1).removed().exit_code(), 0);
  EXPECT_TRUE(list.sessions(1).removed().has_exit_code());
}

TEST_F(SessiondSessionsTest, AListIsOneMessageHoweverLongTheCommands) {
  for (int i = 0; i < 3; ++i) {
    ASSERT_THAT(sessions_.Start(Request({"cat", std::string(100'000, 'x'), "-", "y"})).status(), IsOk());
  }
  EXPECT_LT(sessions_.List().ByteSizeLong(), 5000U);
  EXPECT_EQ(sessions_.List().sessions(0).command(0), "cat");
}

TEST_F(SessiondSessionsTest, AllEndAndNoNewOneComes) {
  ASSERT_THAT(sessions_.Start(Request({"cat"})).status(), IsOk());
  ASSERT_THAT(sessions_.Start(Request({"cat"})).status(), IsOk());
  bool ended = false;
  sessions_.EndAll([&] { ended = true; });
  EXPECT_THAT(sessions_.Start(Request({"cat"})).status(), StatusIs(absl::StatusCode::kUnavailable));
  Until([&] { return ended; });
  EXPECT_EQ(sessions_.running(), 0U);
}

}  // namespace
}  // namespace eventlog
