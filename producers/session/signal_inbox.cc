#include "producers/session/signal_inbox.h"

#include <sys/prctl.h>
#include <unistd.h>

#include "glog/logging.h"

namespace eventlog {
namespace {

constexpr int kSignals[] = {SIGHUP, SIGINT, SIGQUIT, SIGTERM, SIGUSR1, SIGUSR2, SIGCHLD, SIGTSTP, SIGCONT, SIGWINCH};

}  // namespace

SignalInbox::SignalInbox() {
  // An ignored one would take the exit status of a child with it.
  signal(SIGCHLD, SIG_DFL);
  sigemptyset(&signals_);
  for (const int number : kSignals) {
    struct sigaction action;
    sigaction(number, nullptr, &action);
    if (action.sa_handler != SIG_IGN) sigaddset(&signals_, number);
  }
  sigset_t blocked = signals_;
  for (const int number : {SIGPIPE, SIGXFSZ, SIGTTIN, SIGTTOU}) sigaddset(&blocked, number);
  pthread_sigmask(SIG_BLOCK, &blocked, &before_);
  descriptor_ = signalfd(-1, &signals_, SFD_NONBLOCK | SFD_CLOEXEC);
  CHECK_GE(descriptor_, 0) << "signalfd";
}

SignalInbox::~SignalInbox() { close(descriptor_); }

std::optional<signalfd_siginfo> SignalInbox::Next() {
  signalfd_siginfo info;
  if (read(descriptor_, &info, sizeof(info)) != sizeof(info)) return std::nullopt;
  return info;
}

bool SignalInbox::Stop(int signal, Whom whom) {
  // One from before says nothing.
  sigset_t continued;
  sigemptyset(&continued);
  sigaddset(&continued, SIGCONT);
  const timespec now = {0, 0};
  while (sigtimedwait(&continued, nullptr, &now) > 0) {
  }
  sigset_t stop;
  sigemptyset(&stop);
  sigaddset(&stop, signal);
  pthread_sigmask(SIG_UNBLOCK, &stop, nullptr);
  kill(whom == Whom::kProcess ? getpid() : 0, signal);
  pthread_sigmask(SIG_BLOCK, &stop, nullptr);
  return sigtimedwait(&continued, nullptr, &now) > 0;
}

void SignalInbox::Die(int signal) {
  prctl(PR_SET_DUMPABLE, 0);
  struct sigaction action = {};
  action.sa_handler = SIG_DFL;
  sigaction(signal, &action, nullptr);
  sigset_t only;
  sigemptyset(&only);
  sigaddset(&only, signal);
  pthread_sigmask(SIG_UNBLOCK, &only, nullptr);
  kill(getpid(), signal);
}

}  // namespace eventlog
