#include "producers/session/plain_run.h"

#include <fcntl.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <signal.h>
#include <sys/wait.h>
#include <unistd.h>

#include <fstream>
#include <functional>
#include <iterator>
#include <string>
#include <thread>
#include <vector>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/time/clock.h"
#include "absl/time/time.h"
#include "producers/session/session_id.h"
#include "tests/support/status_matchers.h"

namespace eventlog {
namespace {

using ::testing::HasSubstr;

// What the run of a script gave, in a process of its own: signals and children are of a whole process.
struct Outcome {
  int status = 0;
  std::string said;  // by the script, and then the types of the events
};

// The types of the events so far, a line each.
std::string EventsFile() { return absl::StrCat(testing::TempDir(), "/plain_run_events"); }

// `meanwhile` is called once the script has said something, with the pid of the process that runs it.
Outcome RunScript(const std::string& script, const std::function<void(pid_t)>& meanwhile = nullptr,
                  bool output = false) {
  std::ofstream{EventsFile()};  // empty
  int ends[2];
  EXPECT_EQ(pipe(ends), 0);
  // Small, so that who does not read is soon waited for.
  EXPECT_GT(fcntl(ends[1], F_SETPIPE_SZ, 4096), 0);
  const pid_t runner = fork();
  if (runner == 0) {
    dup2(ends[1], STDOUT_FILENO);
    SignalInbox signals;
    EventSinkOptions options;
    std::string types;
    options.add = [&types](const std::vector<v1::Event>& events) {
      for (const v1::Event& event : events) absl::StrAppend(&types, event.type(), "\n");
      std::ofstream(EventsFile()) << types;
      return absl::OkStatus();
    };
    EventSink sink(std::move(options));
    SessionRecordOptions record_options;
    record_options.session_id = NewSessionId(absl::Now());
    if (output) record_options.output.emplace();
    SessionRecord record(record_options, sink, nullptr);
    const absl::StatusOr<ProcessChange> end =
        RunPlain({{"sh", "-c", script}, OwnEnvironment(), "", signals.mask_before()}, signals, record);
    sink.Close(absl::InfiniteFuture());
    const ssize_t said = write(STDOUT_FILENO, types.data(), types.size());
    if (end->kind == ProcessChange::kSignaled) signals.Die(end->value);
    _exit(said < 0 ? 99 : end->value);
  }
  close(ends[1]);
  Outcome outcome;
  char chunk[4096];
  for (ssize_t size = 0; (size = read(ends[0], chunk, sizeof(chunk))) > 0;) {
    if (outcome.said.empty() && meanwhile) meanwhile(runner);
    outcome.said.append(chunk, static_cast<size_t>(size));
  }
  close(ends[0]);
  EXPECT_EQ(waitpid(runner, &outcome.status, 0), runner);
  return outcome;
}

TEST(PlainRunTest, TheCommandHasOurStreamsAndItsCodeIsOurs) {
  const Outcome outcome = RunScript("test -t 1 || echo no terminal; exit 7");
  EXPECT_EQ(WEXITSTATUS(outcome.status), 7);
  EXPECT_EQ(outcome.said, "no terminal\nclient.connected\nsession.created\nsession.removed\nclient.disconnected\n");
}

TEST(PlainRunTest, ASignalThatEndsTheCommandIsItsEnd) {
  const Outcome outcome = RunScript("kill -ABRT $$");
  ASSERT_TRUE(WIFSIGNALED(outcome.status));
  EXPECT_EQ(WTERMSIG(outcome.status), SIGABRT);
}

TEST(PlainRunTest, WhatSomebodySendsToUsReachesTheCommand) {
  for (const int number : {SIGTERM, SIGINT, SIGHUP, SIGUSR1}) {
    const Outcome outcome = RunScript(absl::StrCat("trap 'exit 5' ", number, "; echo ready; while :; do read x; done"),
                                      [&](pid_t runner) { kill(runner, number); });
    EXPECT_TRUE(WIFEXITED(outcome.status)) << number;
    EXPECT_EQ(WEXITSTATUS(outcome.status), 5) << number;
  }
}

TEST(PlainRunTest, ACommandThatIsStoppedAloneIsSaidToBeAndGoesOn) {
  // The kernel tells a parent the last change alone: each is waited for.
  const Outcome outcome =
      RunScript(absl::StrCat("changes() { grep -c state_changed ", EventsFile(),
                             "; }; (until [ $(changes) -eq 1 ]; do :; done; kill -CONT $$)& ",
                             "kill -STOP $$; wait; until [ $(changes) -eq 2 ]; do :; done; exit 3"));
  EXPECT_EQ(WEXITSTATUS(outcome.status), 3);
  EXPECT_THAT(outcome.said, HasSubstr("session.created\nsession.state_changed\nsession.state_changed\n"));
}

TEST(PlainRunTest, OutputThatIsAskedForIsToldWhileTheCommandGoesOn) {
  const Outcome outcome = RunScript(
      absl::StrCat("echo soon; until grep -q session.output ", EventsFile(), "; do :; done; echo late; exit 6"),
      nullptr, /*output=*/true);
  EXPECT_EQ(WEXITSTATUS(outcome.status), 6);
  EXPECT_EQ(outcome.said,
            "soon\nlate\nclient.connected\nsession.created\nsession.output\nsession.output\nsession.removed\n"
            "client.disconnected\n");
}

TEST(PlainRunTest, OutputIsToldWhileItsReaderIsWaitedForBehindTheEnd) {
  bool told = false;
  const Outcome outcome = RunScript(
      "dd if=/dev/zero bs=12000 count=1 status=none",
      [&](pid_t) {
        const absl::Time patience = absl::Now() + absl::Seconds(20);
        while (!told && absl::Now() < patience) {
          std::ifstream file(EventsFile());
          told = absl::StrContains(std::string(std::istreambuf_iterator<char>(file), {}), "session.output");
          std::this_thread::yield();
        }
      },
      /*output=*/true);
  EXPECT_TRUE(told) << "before the reader goes on";
  EXPECT_THAT(outcome.said, HasSubstr("session.created\nsession.output\nsession.removed\n"));
}

TEST(PlainRunTest, ACommandThatIsNotThereIsNoSession) {
  SignalInbox signals;
  EventSinkOptions options;
  options.add = [](const std::vector<v1::Event>&) { return absl::OkStatus(); };
  EventSink sink(std::move(options));
  SessionRecord record({}, sink, nullptr);
  const absl::StatusOr<ProcessChange> end =
      RunPlain({{"no-such-command-anywhere"}, OwnEnvironment(), "", signals.mask_before()}, signals, record);
  EXPECT_THAT(end.status(), StatusIs(absl::StatusCode::kNotFound, HasSubstr("no-such-command-anywhere")));
  EXPECT_EQ(sink.Close(absl::InfiniteFuture()).added, 0);
}

}  // namespace
}  // namespace eventlog
