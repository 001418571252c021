#include "producers/session/signal_inbox.h"

#include <gtest/gtest.h>
#include <sys/wait.h>
#include <unistd.h>

#include <functional>

namespace eventlog {
namespace {

// The status of a child that does this.
int StatusOf(const std::function<int()>& work) {
  const pid_t child = fork();
  if (child == 0) _exit(work());
  int status = 0;
  EXPECT_EQ(waitpid(child, &status, 0), child);
  return status;
}

TEST(SignalInboxTest, SignalsAreReadAndDoNothingElse) {
  const int status = StatusOf([] {
    SignalInbox signals;
    kill(getpid(), SIGTERM);
    kill(getpid(), SIGPIPE);
    const std::optional<signalfd_siginfo> signal = signals.Next();
    return signal.has_value() && signal->ssi_signo == SIGTERM && signal->ssi_code == SI_USER && !signals.Next() ? 7 : 1;
  });
  EXPECT_TRUE(WIFEXITED(status));
  EXPECT_EQ(WEXITSTATUS(status), 7);
}

TEST(SignalInboxTest, WhatWasBlockedBeforeIsKnown) {
  EXPECT_EQ(WEXITSTATUS(StatusOf([] {
              sigset_t before;
              sigemptyset(&before);
              sigaddset(&before, SIGUSR2);
              sigprocmask(SIG_SETMASK, &before, nullptr);
              SignalInbox signals;
              return sigismember(&signals.mask_before(), SIGUSR2) == 1 &&
                             sigismember(&signals.mask_before(), SIGTERM) == 0
                         ? 7
                         : 1;
            })),
            7);
}

TEST(SignalInboxTest, WhatWasIgnoredStaysIgnored) {
  EXPECT_EQ(WEXITSTATUS(StatusOf([] {
              signal(SIGHUP, SIG_IGN);
              SignalInbox signals;
              kill(getpid(), SIGHUP);
              return signals.Next().has_value() ? 1 : 7;
            })),
            7);
}

TEST(SignalInboxTest, ItDiesOfTheSignalItself) {
  for (const int number : {SIGTERM, SIGSEGV, SIGKILL, SIGPIPE}) {
    const int status = StatusOf([number] {
      signal(number, SIG_IGN);
      SignalInbox signals;
      signals.Die(number);
      return 1;
    });
    EXPECT_TRUE(WIFSIGNALED(status)) << number;
    EXPECT_EQ(WTERMSIG(status), number);
    EXPECT_FALSE(WCOREDUMP(status)) << number;
  }
}

TEST(SignalInboxTest, ItStopsAndGoesOn) {
  for (const int number : {SIGTSTP, SIGSTOP}) {
    const pid_t child = fork();
    if (child == 0) {
      SignalInbox signals;
      const bool stopped = signals.Stop(number, SignalInbox::Whom::kProcess);
      _exit(stopped && !signals.Next().has_value() ? 7 : 1);
    }
    int status = 0;
    ASSERT_EQ(waitpid(child, &status, WUNTRACED), child);
    ASSERT_TRUE(WIFSTOPPED(status)) << status;
    EXPECT_EQ(WSTOPSIG(status), number);
    kill(child, SIGCONT);
    ASSERT_EQ(waitpid(child, &status, 0), child);
    EXPECT_EQ(WEXITSTATUS(status), 7);
  }
}

TEST(SignalInboxTest, AnOrphanedGroupDoesNotStop) {
  EXPECT_EQ(WEXITSTATUS(StatusOf([] {
              setsid();
              const pid_t child = fork();
              if (child == 0) {
                SignalInbox signals;
                _exit(signals.Stop(SIGTSTP, SignalInbox::Whom::kGroup) ? 1 : 7);
              }
              int status = 0;
              waitpid(child, &status, WUNTRACED);
              return WIFEXITED(status) ? WEXITSTATUS(status) : 2;
            })),
            7);
}

}  // namespace
}  // namespace eventlog
