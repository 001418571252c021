// The sender is not started here: the tests hold its lock, and send themselves.

#include "producers/hook/hook_command.h"

#include <fcntl.h>
#include <signal.h>
#include <sys/resource.h>
#include <unistd.h>

#include <algorithm>
#include <cstdlib>
#include <filesystem>
#include <memory>
#include <string>
#include <thread>
#include <vector>

#include "absl/strings/str_cat.h"
#include "eventlog-svc/client/spool.h"
#include "eventlog-svc/client/spool_sender_lock.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "producers/cli/dispatcher.h"
#include "producers/hook/hook_exit_code.h"
#include "producers/hook/lost_events.h"
#include "producers/spool/spool_drain.h"
#include "producers/spool/spool_folder.h"
#include "tests/support/fake_event_log.h"
#include "tests/support/status_matchers.h"

namespace eventlog {
namespace {

using testing::AllOf;
using testing::HasSubstr;

class HookCommandTest : public testing::Test {
 protected:
  HookCommandTest() : standard_input_(dup(STDIN_FILENO)) {
    const std::string spools =
        absl::StrCat(testing::TempDir(), "/", testing::UnitTest::GetInstance()->current_test_info()->name());
    setenv(kSpoolDirVariable, spools.c_str(), 1);
    unsetenv("EVENTLOG_SESSION_ID");
    unsetenv(kLogVariable);
    folder_ = SpoolFolder(log_.address(), "");
    lock_ = MakeAndLock(folder_);
  }
  ~HookCommandTest() override {
    dup2(standard_input_, STDIN_FILENO);
    close(standard_input_);
  }

  // A spool for which no sender begins.
  std::unique_ptr<SpoolSenderLock> MakeAndLock(const std::string& folder) {
    std::filesystem::create_directories(folder);
    std::filesystem::permissions(folder, std::filesystem::perms::owner_all);
    absl::StatusOr<std::unique_ptr<SpoolSenderLock>> lock = SpoolSenderLock::TryTake(folder);
    EXPECT_THAT(lock, IsOk());
    return *std::move(lock);
  }
  int64_t KeptIn(const std::string& folder) {
    SpoolOptions options;
    options.folder = folder;
    const absl::StatusOr<std::unique_ptr<Spool>> spool = Spool::OpenExisting(options);
    return spool.ok() ? (*spool)->Stats()->events : 0;
  }
  // With this standard input.
  int Run(const std::string& input, const std::vector<std::string>& arguments = {}) {
    int ends[2];
    EXPECT_EQ(0, pipe(ends));
    dup2(ends[0], STDIN_FILENO);
    close(ends[0]);
    std::thread writer([&] {
      EXPECT_EQ(static_cast<ssize_t>(input.size()), write(ends[1], input.data(), input.size()));
      close(ends[1]);
    });
    testing::internal::CaptureStdout();
    testing::internal::CaptureStderr();
    context_.server = log_.address();
    const int code = RunCommand(HookCommand(), context_, arguments);
    EXPECT_EQ("", testing::internal::GetCapturedStdout()) << "the agent would take it for an answer";
    error_ = testing::internal::GetCapturedStderr();
    writer.join();
    return code;
  }
  // What the hooks have kept.
  std::vector<v1::Event> Send() {
    lock_.reset();
    SpoolDrainOptions options;
    options.folder = folder_;
    options.linger = absl::ZeroDuration();
    options.wait = [](absl::Duration) { return true; };
    EXPECT_THAT(DrainSpool(options), IsOkAndHolds(SpoolDrainEnd::kEmpty));
    std::vector<v1::Event> events;
    for (const v1::AppendRequest& request : log_.requests()) {
      events.insert(events.end(), request.events().begin(), request.events().end());
    }
    return events;
  }

  FakeEventLog log_;
  CommandContext context_;
  std::string folder_;
  std::string error_;
  std::unique_ptr<SpoolSenderLock> lock_;
  const int standard_input_;
};

constexpr char kStop[] = "{\"hook_event_name\":\"Stop\",\"session_id\":\"a1\"}\n";

TEST_F(HookCommandTest, PayloadIsKeptAndNothingIsSaid) {
  log_.Stop();
  EXPECT_EQ(0, Run(kStop));
  EXPECT_EQ("", error_);
  log_.Start();
  const std::vector<v1::Event> events = Send();
  ASSERT_EQ(1u, events.size());
  EXPECT_EQ("hook.stop", events[0].type());
  EXPECT_EQ("a1", events[0].subject());
  EXPECT_EQ("/hook", events[0].source());
  EXPECT_EQ(kStop, events[0].text());
  EXPECT_GT(events[0].time().seconds(), 1'700'000'000);
}

TEST_F(HookCommandTest, LogIsThatOfTheSessionUnlessAFlagNamesOne) {
  setenv(kLogVariable, "other", 1);
  const std::string other = SpoolFolder(log_.address(), "other");
  const std::unique_ptr<SpoolSenderLock> lock = MakeAndLock(other);
  EXPECT_EQ(kHookKept, Run(kStop, {"--strict"}));
  EXPECT_EQ(1, KeptIn(other));
  EXPECT_EQ(0, KeptIn(folder_));
  EXPECT_EQ(kHookKept, Run(kStop, {"--strict", "--log=events"}));
  EXPECT_EQ(1, KeptIn(other));
  EXPECT_EQ(1, KeptIn(folder_));
  unsetenv(kLogVariable);
}

TEST_F(HookCommandTest, SessionOfTheEnvironmentAndFlagsAreUsed) {
  setenv("EVENTLOG_SESSION_ID", "s1", 1);
  EXPECT_EQ(0, Run(kStop, {"--source=/mine", "--part_bytes=20", "--strict"}));
  const std::vector<v1::Event> events = Send();
  ASSERT_EQ(3u, events.size());
  EXPECT_EQ(kStop, events[0].text() + events[1].text() + events[2].text());
  for (const v1::Event& event : events) {
    EXPECT_EQ("s1", event.subject());
    EXPECT_EQ("/mine", event.source());
  }
}

TEST_F(HookCommandTest, BadInputIsKeptAndSaidInOneLine) {
  const std::vector<std::pair<std::string, int>> inputs = {
      {"", kHookInvalidJson}, {"{\n", kHookInvalidJson}, {"[]", kHookNotAnObject}, {"{\"a\":\xff}", kHookInvalidJson}};
  for (const auto& [input, code] : inputs) {
    EXPECT_EQ(0, Run(input));
    EXPECT_THAT(error_, AllOf(testing::StartsWith("eventlog hook: "), testing::EndsWith("\n")));
    EXPECT_EQ(1, std::count(error_.begin(), error_.end(), '\n'));
    EXPECT_EQ(code, Run(input, {"--strict"}));
  }
  const std::vector<v1::Event> events = Send();
  ASSERT_EQ(2 * inputs.size(), events.size());
  for (size_t i = 0; i < events.size(); ++i) {
    EXPECT_EQ("hook.invalid", events[i].type());
    EXPECT_EQ(inputs[i / 2].first, events[i].binary());
  }
}

TEST_F(HookCommandTest, WhatIsTooLargeIsSaid) {
  const std::string input =
      absl::StrCat("{\"hook_event_name\":\"Stop\",\"x\":\"", std::string(8 * 1024 * 1024, 'x'), "\"}");
  EXPECT_EQ(kHookPayloadTooLarge, Run(input, {"--strict"}));
  EXPECT_THAT(error_, HasSubstr(absl::StrCat(input.size(), " bytes; at most 8388608")));
  const std::vector<v1::Event> events = Send();
  ASSERT_EQ(1u, events.size());
  EXPECT_EQ("hook.stop", events[0].type());
  EXPECT_EQ(absl::StrCat(input.size()), events[0].attributes().at("payload_bytes"));
}

TEST_F(HookCommandTest, InputWithoutEndIsGivenUp) {
  int ends[2];
  ASSERT_EQ(0, pipe(ends));
  dup2(ends[0], STDIN_FILENO);
  testing::internal::CaptureStderr();
  EXPECT_EQ(kHookInputUnfinished,
            RunCommand(HookCommand(), {log_.address(), "", true, false}, {"--strict", "--input_timeout_ms=20"}));
  EXPECT_THAT(testing::internal::GetCapturedStderr(), HasSubstr("has not ended in time, after 0 bytes"));
  close(ends[0]);
  close(ends[1]);
  EXPECT_EQ(1u, Send().size());
}

TEST_F(HookCommandTest, SpoolThatCannotBeUsedIsSaid) {
  const std::string file = testing::TempDir() + "/file";
  close(creat(file.c_str(), 0600));
  setenv(kSpoolDirVariable, file.c_str(), 1);
  EXPECT_EQ(0, Run(kStop));
  EXPECT_THAT(error_, AllOf(HasSubstr("the event is lost: "), HasSubstr(file)));
  EXPECT_EQ(1, std::count(error_.begin(), error_.end(), '\n'));
  EXPECT_EQ(kHookSpoolUnusable, Run(kStop, {"--strict"}));
}

TEST_F(HookCommandTest, FullSpoolIsSaidAndCounted) {
  EXPECT_EQ(kHookKept, Run(kStop, {"--strict", "--spool_bytes=200"}));
  EXPECT_EQ(kHookSpoolFull, Run(kStop, {"--strict", "--spool_bytes=200"}));
  EXPECT_THAT(error_, AllOf(HasSubstr("the event is lost: "), HasSubstr("is full")));
  EXPECT_EQ(0, Run(kStop, {"--spool_bytes=200"}));
  EXPECT_EQ(kHookKept, Run(kStop, {"--strict"}));
  EXPECT_EQ(2u, Send().size());
  const absl::StatusOr<std::unique_ptr<Spool>> spool = Spool::OpenExisting({folder_});
  ASSERT_THAT(spool, IsOk());
  EXPECT_EQ(2, (*spool)->Stats()->dropped);
  EXPECT_EQ(0, LostEvents(folder_).Total()) << "they are counted twice";
}

TEST_F(HookCommandTest, WhatTheDiskDoesNotTakeIsCountedAndTheNextHookTells) {
  EXPECT_EQ(kHookKept, Run(kStop, {"--strict"}));
  rlimit before;
  ASSERT_EQ(0, getrlimit(RLIMIT_FSIZE, &before));
  const rlimit small = {50, before.rlim_max};
  ASSERT_EQ(0, setrlimit(RLIMIT_FSIZE, &small));
  const int first = Run(kStop, {"--strict"});
  const int second = Run(kStop);
  ASSERT_EQ(0, setrlimit(RLIMIT_FSIZE, &before));
  EXPECT_THAT(first, testing::AnyOf(kHookDiskFull, kHookSpoolUnusable));
  EXPECT_EQ(0, second);
  EXPECT_EQ(2, LostEvents(folder_).Total());
  setenv("EVENTLOG_SESSION_ID", "s1", 1);
  EXPECT_EQ(kHookKept, Run(kStop, {"--strict"}));
  EXPECT_EQ(kHookKept, Run(kStop, {"--strict"}));
  const std::vector<v1::Event> events = Send();
  ASSERT_EQ(4u, events.size());
  EXPECT_EQ("hook.lost", events[2].type());
  EXPECT_EQ("s1", events[2].subject());
  EXPECT_EQ("{\"lost\":2,\"lost_total\":2}", events[2].text());
  EXPECT_EQ("NOT_KEPT", events[2].attributes().at("reason"));
  EXPECT_EQ("hook.stop", events[3].type());
}

// As when SQLite writes into mapped memory for which the disk has no room: tests/crash/hook_full_disk_test.py.
TEST_F(HookCommandTest, BusErrorIsSaidAndBlocksNoAgent) {
  testing::FLAGS_gtest_death_test_style = "threadsafe";
  for (const bool strict : {false, true}) {
    EXPECT_EXIT(
        {
          int ends[2];
          if (pipe(ends) != 0) _exit(99);
          dup2(ends[0], STDIN_FILENO);
          struct sigaction before = {};  // the default, or a sanitizer's own
          sigaction(SIGBUS, nullptr, &before);
          std::thread bus_error([before] {
            struct sigaction action = before;
            while (action.sa_handler == before.sa_handler) sigaction(SIGBUS, nullptr, &action);
            kill(getpid(), SIGBUS);
          });
          RunCommand(HookCommand(), {log_.address(), "", true, false},
                     strict ? std::vector<std::string>{"--strict"} : std::vector<std::string>());
          bus_error.join();
          _exit(98);
        },
        testing::ExitedWithCode(strict ? kHookDiskFull : 0), "the event is lost: the disk of the spool is full");
  }
}

TEST_F(HookCommandTest, WrongCommandLineBlocksNoAgent) {
  for (const char* flag : {"--no_such_flag", "--input_timeout_ms=x", "--part_bytes=1", "--spool_bytes=0", "word"}) {
    EXPECT_EQ(0, Run("", {flag})) << flag;
    EXPECT_THAT(error_, testing::StartsWith("eventlog hook: ")) << flag;
  }
  EXPECT_THAT(Spool::OpenExisting({folder_}), StatusIs(absl::StatusCode::kNotFound)) << "something was kept";
}

TEST_F(HookCommandTest, NoStrictExitCodeIsTheOneThatBlocks) {
  for (const int code : {kHookInvalidJson, kHookNotAnObject, kHookPayloadTooLarge, kHookInputUnfinished, kHookSpoolFull,
                         kHookDiskFull, kHookSpoolBusy, kHookSpoolUnusable, kHookNoSender}) {
    EXPECT_NE(2, code);
    EXPECT_THAT(kHookExitCodesHelp, HasSubstr(absl::StrCat(" ", code, " ")));
  }
}

TEST_F(HookCommandTest, AWrongLineIsToldByStrictAlone) {
  for (const char* flag : {"--nosuch", "--server=here", "--input_timeout_ms=x", "word"}) {
    EXPECT_EQ(0, Run(kStop, {flag})) << flag;
    EXPECT_EQ(kHookWrongLine, Run(kStop, {flag, "--strict"})) << flag;
    EXPECT_EQ(kHookWrongLine, Run(kStop, {"--strict", flag})) << flag;
  }
  EXPECT_EQ(0, KeptIn(folder_));
}

TEST_F(HookCommandTest, AWrongConfigurationLosesNoEvent) {
  context_.problems = {"c:2: \"sevrer\" is not known"};
  EXPECT_EQ(0, Run(kStop));
  EXPECT_THAT(error_, AllOf(HasSubstr("the event is kept"), HasSubstr("c:2: \"sevrer\" is not known")));
  EXPECT_EQ(kHookConfigWrong, Run(kStop, {"--strict"}));
  EXPECT_EQ(kHookInvalidJson, Run("x", {"--strict"}));
  EXPECT_EQ(3, KeptIn(folder_));
}

}  // namespace
}  // namespace eventlog
