#include "producers/session/terminal_run.h"

#include <fcntl.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <poll.h>
#include <signal.h>
#include <stdlib.h>
#include <sys/ioctl.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <fstream>
#include <string>
#include <vector>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/time/clock.h"
#include "producers/session/session_id.h"

namespace eventlog {
namespace {

using ::testing::HasSubstr;

constexpr int kPatienceMs = 60'000;

// The user's terminal, with a process that runs a script on it. tests/e2e/session_test.py has the programs that people
// use.
class TerminalRunTest : public testing::Test {
 protected:
  void Start(const std::string& script) {
    master_ = posix_openpt(O_RDWR | O_NOCTTY | O_NONBLOCK | O_CLOEXEC);
    ASSERT_EQ(grantpt(master_), 0);
    ASSERT_EQ(unlockpt(master_), 0);
    const int slave = open(ptsname(master_), O_RDWR | O_NOCTTY);
    const winsize size = {30, 90, 0, 0};
    ioctl(slave, TIOCSWINSZ, &size);
    runner_ = fork();
    if (runner_ == 0) {
      close(master_);
      setsid();
      ioctl(slave, TIOCSCTTY, 0);
      if (in_background_) RunBehindAShell(slave, script);
      Run(slave, script);
    }
    close(slave);
  }
  // As a job in the background of a shell that edits a line, until a key is typed, and then in the foreground.
  [[noreturn]] void RunBehindAShell(int slave, const std::string& script) {
    termios settings;
    tcgetattr(slave, &settings);
    termios editing = settings;
    cfmakeraw(&editing);
    tcsetattr(slave, TCSANOW, &editing);
    const pid_t job = fork();
    if (job == 0) {
      setpgid(0, 0);
      Run(slave, script);
    }
    setpgid(job, job);
    char key = 0;
    if (read(slave, &key, 1) != 1) _exit(1);
    tcsetattr(slave, TCSADRAIN, &settings);
    tcsetpgrp(slave, job);
    int status = 0;
    waitpid(job, &status, 0);
    _exit(WEXITSTATUS(status));
  }
  [[noreturn]] void Run(int slave, const std::string& script) {
    SignalInbox signals;
    EventSinkOptions options;
    std::string states;
    options.add = [&states](const std::vector<v1::Event>& events) {
      for (const v1::Event& event : events) {
        if (event.type() == "session.state_changed") states += event.text() + "\n";
      }
      std::ofstream(StatesFile()) << states;
      return absl::OkStatus();
    };
    EventSink sink(std::move(options));
    SessionRecordOptions record_options;
    record_options.session_id = NewSessionId(absl::Now());
    record_options.idle_after = idle_after_;
    SessionRecord record(record_options, sink, nullptr);
    TerminalRun run(slave, slave, signals, record);
    const absl::StatusOr<ProcessChange> end =
        run.Run({{"sh", "-c", script}, OwnEnvironment(), "", signals.mask_before()}, true);
    if (end->kind == ProcessChange::kSignaled) signals.Die(end->value);
    _exit(end->value);
  }
  // What the events have said of the command's state, a line each.
  static std::string StatesFile() { return testing::TempDir() + "/terminal_run_states"; }
  // Reads on until the text was printed; false when the terminal ends before.
  bool WaitFor(const std::string& text) {
    while (!absl::StrContains(printed_, text)) {
      if (!ReadSome()) return false;
    }
    return true;
  }
  bool ReadSome() {
    pollfd ready[] = {{master_, POLLIN, 0}};
    if (poll(ready, 1, kPatienceMs) <= 0) return false;
    char chunk[64 * 1024];
    const ssize_t size = read(master_, chunk, sizeof(chunk));
    if (size > 0) printed_.append(chunk, static_cast<size_t>(size));
    return size > 0;
  }
  void Type(absl::string_view text) {
    ASSERT_EQ(write(master_, text.data(), text.size()), static_cast<ssize_t>(text.size()));
  }
  int End() {
    while (ReadSome()) {
    }
    int status = 0;
    EXPECT_EQ(waitpid(runner_, &status, 0), runner_);
    close(master_);
    return status;
  }

  absl::Duration idle_after_ = absl::Hours(1);
  bool in_background_ = false;
  int master_ = -1;
  pid_t runner_ = 0;
  std::string printed_;
};

TEST_F(TerminalRunTest, TheSizeIsTheTerminalsAndFollowsIt) {
  Start("stty size; trap 'stty size; exit 7' WINCH; echo ready; while :; do read x; done");
  ASSERT_TRUE(WaitFor("30 90\r\nready"));
  const winsize size = {50, 132, 0, 0};
  ioctl(master_, TIOCSWINSZ, &size);
  EXPECT_TRUE(WaitFor("50 132"));
  EXPECT_EQ(WEXITSTATUS(End()), 7);
}

TEST_F(TerminalRunTest, EveryByteArrivesBothWays) {
  Start("stty raw -echo; echo ready; head -c 256 | od -An -v -tu1; printf '\\377\\000\\200'");
  ASSERT_TRUE(WaitFor("ready"));
  std::string all;
  for (int i = 0; i < 256; ++i) all.push_back(static_cast<char>(i));
  Type(all);
  ASSERT_TRUE(WaitFor("255"));
  EXPECT_EQ(WEXITSTATUS(End()), 0);
  EXPECT_TRUE(absl::EndsWith(printed_, absl::string_view("\377\000\200", 3)));
  std::string numbers;
  for (int i = 0; i < 256; ++i) {
    if (!absl::StrContains(printed_, absl::StrCat(" ", i))) absl::StrAppend(&numbers, i, " ");
  }
  EXPECT_EQ(numbers, "") << "these did not arrive";
}

TEST_F(TerminalRunTest, BothWaysFullIsNoDeadlock) {
  // It prints without end until it has read a line, and reads only then: the terminal is full both ways.
  constexpr size_t kInput = 300'000;
  Start(absl::StrCat("stty raw -echo; echo ready; yes 0123456789 | head -c 3000000 & head -c ", kInput,
                     " | md5sum; wait; echo both-done"));
  ASSERT_TRUE(WaitFor("ready"));
  const std::string input(kInput, 'x');
  size_t sent = 0;
  // Types as much as is taken before it looks at anything.
  while (sent < kInput) {
    const ssize_t size = write(master_, input.data() + sent, std::min<size_t>(4096, kInput - sent));
    if (size > 0) {
      sent += static_cast<size_t>(size);
    } else {
      ASSERT_TRUE(ReadSome());
    }
  }
  EXPECT_TRUE(WaitFor("both-done"));
  EXPECT_EQ(WEXITSTATUS(End()), 0);
  EXPECT_EQ(std::count(printed_.begin(), printed_.end(), '0') > 270'000, true);
}

TEST_F(TerminalRunTest, ASignalThatIsSentToUsReachesTheCommandAndWeDieOfItToo) {
  Start("echo ready; while :; do read x; done");
  ASSERT_TRUE(WaitFor("ready"));
  kill(runner_, SIGTERM);
  const int status = End();
  ASSERT_TRUE(WIFSIGNALED(status));
  EXPECT_EQ(WTERMSIG(status), SIGTERM);
}

TEST_F(TerminalRunTest, AHangUpThatIsMeantForTheCommandLeavesItTheTerminal) {
  Start("trap 'echo reloaded' HUP; echo ready; while :; do read x; test \"$x\" = end && exit 4; echo got $x; done");
  ASSERT_TRUE(WaitFor("ready"));
  kill(runner_, SIGHUP);
  // The trap runs between two lines.
  Type("one\ntwo\n");
  EXPECT_TRUE(WaitFor("reloaded"));
  EXPECT_TRUE(WaitFor("got two"));
  Type("end\n");
  EXPECT_EQ(WEXITSTATUS(End()), 4);
}

TEST_F(TerminalRunTest, ATerminalThatGoesTakesTheCommandWithIt) {
  Start("echo ready; while :; do read x; done");
  ASSERT_TRUE(WaitFor("ready"));
  close(master_);
  int status = 0;
  EXPECT_EQ(waitpid(runner_, &status, 0), runner_);
  ASSERT_TRUE(WIFSIGNALED(status));
  EXPECT_EQ(WTERMSIG(status), SIGHUP);
}

TEST_F(TerminalRunTest, AJobThatBeginsInTheBackgroundHasTheTerminalsSettingsInTheForeground) {
  in_background_ = true;
  Start("echo ready; read x; echo got $x; exit 6");
  ASSERT_TRUE(WaitFor("ready"));
  Type("f");
  // A line's end of a keyboard, which a shell that edits a line has nobody turn into another.
  Type("it\r");
  EXPECT_TRUE(WaitFor("got it\r\n"));
  EXPECT_EQ(WEXITSTATUS(End()), 6);
}

TEST_F(TerminalRunTest, WhatAJobInTheBackgroundHasSetStays) {
  in_background_ = true;
  Start("stty -echo intr x; echo ready; read x; stty -a; exit 6");
  ASSERT_TRUE(WaitFor("ready"));
  Type("f");
  Type("it\r");
  EXPECT_TRUE(WaitFor("intr = x"));
  EXPECT_EQ(WEXITSTATUS(End()), 6);
}

TEST_F(TerminalRunTest, WhatPrintsNothingForAWhileIsIdleUntilItPrints) {
  idle_after_ = absl::Milliseconds(50);
  const std::string states = StatesFile();
  Start(absl::StrCat("until grep -q 'new_state.*IDLE' ", states, "; do :; done; echo again; until grep -q ",
                     "'old_state.*IDLE.*new_state.*RUNNING' ", states, "; do :; done; exit 6"));
  EXPECT_EQ(WEXITSTATUS(End()), 6);
}

TEST_F(TerminalRunTest, WhereNoShellCouldContinueUsCtrlZDoesNotHangTheCommand) {
  Start("echo ready; read x; echo got $x; exit 6");
  ASSERT_TRUE(WaitFor("ready"));
  Type("\032");
  Type("it\n");
  EXPECT_TRUE(WaitFor("got it"));
  EXPECT_EQ(WEXITSTATUS(End()), 6);
}

}  // namespace
}  // namespace eventlog
