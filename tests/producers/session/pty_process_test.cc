#include "producers/session/pty_process.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <poll.h>
#include <signal.h>

#include <cstdio>
#include <string>

#include "absl/strings/match.h"
#include "tests/support/status_matchers.h"

namespace eventlog {
namespace {

using ::testing::HasSubstr;

constexpr int kPatienceMs = 60'000;

PtyProcessOptions Shell(const std::string& script) {
  PtyProcessOptions options{{{"sh", "-c", script}, OwnEnvironment(), "", {}}, {24, 80, 0, 0}, std::nullopt, true};
  sigemptyset(&options.command.signal_mask);
  return options;
}

class Pty {
 public:
  explicit Pty(const PtyProcessOptions& options) {
    absl::StatusOr<std::unique_ptr<PtyProcess>> started = PtyProcess::Start(options);
    EXPECT_THAT(started.status(), IsOk());
    process_ = *std::move(started);
  }
  explicit Pty(const std::string& script) : Pty(Shell(script)) {}
  PtyProcess& process() { return *process_; }

  void Type(const std::string& text) {
    ASSERT_EQ(write(process_->master(), text.data(), text.size()), static_cast<ssize_t>(text.size()));
  }
  // Until it was printed. The whole output is in `printed`.
  bool WaitFor(const std::string& text) {
    while (!absl::StrContains(printed, text)) {
      pollfd ready[] = {{process_->master(), POLLIN, 0}};
      if (poll(ready, 1, kPatienceMs) <= 0 || !Read()) return false;
    }
    return true;
  }
  ProcessChange Next() {
    pollfd ready[] = {{process_->changes(), POLLIN, 0}};
    EXPECT_GT(poll(ready, 1, kPatienceMs), 0);
    return process_->NextChange().value_or(ProcessChange{ProcessChange::kLost, -1, false});
  }
  ProcessChange End() {
    ProcessChange change = Next();
    while (!change.ended()) change = Next();
    while (Read()) {
    }
    return change;
  }

  std::string printed;

 private:
  bool Read() {
    char chunk[64 * 1024];
    const ssize_t size = read(process_->master(), chunk, sizeof(chunk));
    if (size > 0) printed.append(chunk, static_cast<size_t>(size));
    return size > 0;
  }
  std::unique_ptr<PtyProcess> process_;
};

TEST(PtyProcessTest, TheCommandHasATerminalOfTheGivenSizeAsItsOwn) {
  Pty pty("test -t 0 && test -t 1 && test -t 2 && stty size </dev/tty; ps -o stat= -p $$ | tr -d N; exit 7");
  const ProcessChange end = pty.End();
  EXPECT_EQ(end.kind, ProcessChange::kExited);
  EXPECT_EQ(end.value, 7);
  EXPECT_THAT(pty.printed, HasSubstr("24 80\r\n"));
  // In the foreground of its terminal, and no leader of a session.
  EXPECT_THAT(pty.printed, HasSubstr("S+\r\n"));
}

TEST(PtyProcessTest, AllThatWasPrintedIsThereWhenTheEndIsKnown) {
  for (int i = 0; i < 50; ++i) {
    Pty pty("printf '%3000s' x; printf the-end");
    pty.End();
    ASSERT_TRUE(absl::EndsWith(pty.printed, "xthe-end")) << "round " << i << ": " << pty.printed.size() << " bytes";
  }
}

TEST(PtyProcessTest, ACommandThatCannotBeRunSaysWhy) {
  PtyProcessOptions options = Shell("");
  options.command.argv = {"no-such-command-anywhere"};
  EXPECT_THAT(PtyProcess::Start(options).status(), StatusIs(absl::StatusCode::kNotFound, HasSubstr("No such file")));
  options.command.argv = {"/etc/passwd"};
  EXPECT_THAT(PtyProcess::Start(options).status(),
              StatusIs(absl::StatusCode::kPermissionDenied, HasSubstr("Permission denied")));
}

TEST(PtyProcessTest, NothingIsEarlierThanWhatIsDoneBeforeIt) {
  const std::string path = testing::TempDir() + "/it-runs";
  PtyProcessOptions options = Shell("echo > " + path);
  pid_t told = 0;
  options.before_exec = [&](pid_t pid) {
    told = pid;
    // As long as anybody could need who did not wait.
    pollfd nothing[] = {{-1, 0, 0}};
    poll(nothing, 1, 100);
    EXPECT_NE(access(path.c_str(), F_OK), 0);
  };
  Pty pty(options);
  EXPECT_EQ(told, pty.process().pid());
  pty.End();
  EXPECT_EQ(access(path.c_str(), F_OK), 0);
  options.command.argv = {"no-such-command-anywhere"};
  told = 0;
  EXPECT_FALSE(PtyProcess::Start(options).ok());
  EXPECT_EQ(told, 0) << "what is plainly not there was never begun";
}

TEST(PtyProcessTest, ASignalThatEndsItIsKnown) {
  Pty pty("kill -SEGV $$");
  const ProcessChange end = pty.End();
  EXPECT_EQ(end.kind, ProcessChange::kSignaled);
  EXPECT_EQ(end.value, SIGSEGV);
}

TEST(PtyProcessTest, CtrlCEndsTheCommandAsOnATerminal) {
  Pty pty("echo ready; while :; do read line; done");
  ASSERT_TRUE(pty.WaitFor("ready"));
  pty.Type("\003");
  const ProcessChange end = pty.End();
  EXPECT_EQ(end.kind, ProcessChange::kSignaled);
  EXPECT_EQ(end.value, SIGINT);
}

TEST(PtyProcessTest, CtrlZStopsTheCommandAndItGoesOn) {
  Pty pty("echo ready; read line; echo got $line");
  ASSERT_TRUE(pty.WaitFor("ready"));
  pty.Type("\032");
  const ProcessChange stopped = pty.Next();
  EXPECT_EQ(stopped.kind, ProcessChange::kStopped);
  EXPECT_EQ(stopped.value, SIGTSTP);
  EXPECT_THAT(pty.process().SignalCommandGroup(SIGCONT), IsOk());
  EXPECT_EQ(pty.Next().kind, ProcessChange::kContinued);
  pty.Type("it\n");
  EXPECT_EQ(pty.End().value, 0);
  EXPECT_THAT(pty.printed, HasSubstr("got it"));
}

TEST(PtyProcessTest, AnotherSizeReachesTheForegroundGroup) {
  Pty pty("trap 'stty size' WINCH; echo ready; while :; do read line && exit 3; done");
  ASSERT_TRUE(pty.WaitFor("ready"));
  EXPECT_THAT(pty.process().Resize({50, 132, 0, 0}), IsOk());
  EXPECT_TRUE(pty.WaitFor("50 132"));
  pty.Type("\n");
  EXPECT_EQ(pty.End().value, 3);
}

TEST(PtyProcessTest, ASignalForTheForegroundReachesTheJobOfAShell) {
  PtyProcessOptions options = Shell("");
  options.command.argv = {"bash", "--norc", "--noprofile", "-i"};
  Pty pty(options);
  pty.Type("sh -c 'echo re''ady; kill -STOP $$; exit 4'\n");
  ASSERT_TRUE(pty.WaitFor("Stopped"));
  pty.Type("sh -c 'echo se''cond; while :; do read x; done'\n");
  ASSERT_TRUE(pty.WaitFor("second"));
  EXPECT_THAT(pty.process().SignalForeground(SIGTERM), IsOk());
  ASSERT_TRUE(pty.WaitFor("Terminated"));
  pty.Type("kill -KILL %1; exit 5\n");
  pty.Type("exit 5\n");
  EXPECT_EQ(pty.End().value, 5);
}

TEST(PtyProcessTest, WhatStaysInTheBackgroundDoesNotHoldUpTheEndAndIsNotKilled) {
  pid_t left = 0;
  {
    Pty pty("(while :; do read line </dev/zero; done) & echo left $!; exit 6");
    EXPECT_EQ(pty.End().value, 6);
    ASSERT_EQ(sscanf(pty.printed.c_str(), "left %d", &left), 1);
  }
  EXPECT_EQ(kill(left, 0), 0);
  kill(left, SIGKILL);
}

TEST(PtyProcessTest, ItsStandardErrorStaysOursWhenThatIsAsked) {
  PtyProcessOptions options = Shell("test -t 2; echo terminal $?");
  int ends[2];
  ASSERT_EQ(pipe(ends), 0);
  const int before = dup(STDERR_FILENO);
  dup2(ends[1], STDERR_FILENO);
  options.error_on_terminal = false;
  Pty pty(options);
  dup2(before, STDERR_FILENO);
  pty.End();
  EXPECT_THAT(pty.printed, HasSubstr("terminal 1"));
  close(before);
  close(ends[0]);
  close(ends[1]);
}

TEST(PtyProcessTest, ADestroyedOneIsKilled) {
  pid_t pid = 0;
  {
    Pty pty("trap '' HUP TERM; echo ready; while :; do read line; done");
    ASSERT_TRUE(pty.WaitFor("ready"));
    pid = pty.process().pid();
  }
  EXPECT_EQ(kill(pid, 0), -1);
}

}  // namespace
}  // namespace eventlog
