#include "producers/session/raw_terminal.h"

#include <fcntl.h>
#include <gtest/gtest.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/wait.h>
#include <unistd.h>

#include <functional>

namespace eventlog {
namespace {

bool Same(const termios& a, const termios& b) {
  return a.c_iflag == b.c_iflag && a.c_oflag == b.c_oflag && a.c_cflag == b.c_cflag && a.c_lflag == b.c_lflag &&
         memcmp(a.c_cc, b.c_cc, sizeof(a.c_cc)) == 0;
}

class RawTerminalTest : public testing::Test {
 protected:
  RawTerminalTest() : master_(posix_openpt(O_RDWR | O_NOCTTY)) {
    grantpt(master_);
    unlockpt(master_);
    slave_ = open(ptsname(master_), O_RDWR | O_NOCTTY);
    // Something that is not the default, to see that it comes back.
    termios settings = Settings();
    settings.c_lflag &= static_cast<tcflag_t>(~ECHOE);
    settings.c_cc[VINTR] = 7;
    tcsetattr(slave_, TCSANOW, &settings);
  }
  ~RawTerminalTest() override {
    close(slave_);
    close(master_);
  }
  termios Settings() {
    termios settings;
    EXPECT_EQ(tcgetattr(slave_, &settings), 0);
    return settings;
  }
  bool IsRaw() { return (Settings().c_lflag & (ICANON | ECHO | ISIG)) == 0; }
  // The status of a child whose terminal this is.
  int StatusOf(const std::function<int()>& work) {
    const pid_t child = fork();
    if (child == 0) {
      setsid();
      ioctl(slave_, TIOCSCTTY, 0);
      _exit(work());
    }
    int status = 0;
    EXPECT_EQ(waitpid(child, &status, 0), child);
    return status;
  }

  int master_;
  int slave_ = -1;
};

TEST_F(RawTerminalTest, ItIsAsItWasAfterwards) {
  const termios before = Settings();
  EXPECT_EQ(WEXITSTATUS(StatusOf([&] {
              RawTerminal terminal(slave_);
              terminal.Enter();
              if (!IsRaw()) return 1;
              terminal.Restore();
              if (!Same(before, Settings())) return 2;
              terminal.Enter();
              return IsRaw() ? 7 : 3;
              // The destructor does the rest.
            })),
            7);
  EXPECT_TRUE(Same(before, Settings()));
}

TEST_F(RawTerminalTest, ACrashRestoresItToo) {
  const termios before = Settings();
  for (const int crash : {SIGSEGV, SIGABRT}) {
    const int status = StatusOf([&] {
      RawTerminal terminal(slave_);
      terminal.Enter();
      if (!IsRaw()) return 1;
      raise(crash);
      return 2;
    });
    ASSERT_TRUE(WIFSIGNALED(status)) << WEXITSTATUS(status);
    EXPECT_EQ(WTERMSIG(status), crash);
    EXPECT_TRUE(Same(before, Settings()));
  }
}

TEST_F(RawTerminalTest, WhoIsInTheBackgroundChangesNothing) {
  const termios before = Settings();
  EXPECT_EQ(WEXITSTATUS(StatusOf([&] {
              const pid_t child = fork();
              if (child == 0) {
                setpgid(0, 0);
                RawTerminal terminal(slave_);
                terminal.Enter();
                _exit(!terminal.foreground() && !terminal.raw() && Same(before, Settings()) ? 7 : 1);
              }
              int status = 0;
              waitpid(child, &status, 0);
              return WEXITSTATUS(status);
            })),
            7);
}

TEST_F(RawTerminalTest, WhatSomebodyElseHasSetMeanwhileIsWhatComesBack) {
  EXPECT_EQ(WEXITSTATUS(StatusOf([&] {
              RawTerminal terminal(slave_);
              termios other = Settings();
              other.c_cc[VINTR] = 9;
              tcsetattr(slave_, TCSANOW, &other);
              terminal.Enter();
              terminal.Restore();
              return Same(other, Settings()) ? 7 : 1;
            })),
            7);
}

}  // namespace
}  // namespace eventlog
