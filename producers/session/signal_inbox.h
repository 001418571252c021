// The signals of this process as a descriptor, for a loop; and as they were before, for the commands that it starts.
//
// To be made before any thread, so that all of them inherit the blocked signals. SIGPIPE and SIGXFSZ are blocked,
// too: writing says EPIPE, EFBIG. Signals that were ignored when the process began (nohup) stay ignored. Thread
// compatible.

#ifndef PRODUCERS_SESSION_SIGNAL_INBOX_H_
#define PRODUCERS_SESSION_SIGNAL_INBOX_H_

#include <signal.h>
#include <sys/signalfd.h>

#include <optional>

namespace eventlog {

class SignalInbox {
 public:
  SignalInbox();
  ~SignalInbox();
  SignalInbox(const SignalInbox&) = delete;
  SignalInbox& operator=(const SignalInbox&) = delete;

  int descriptor() const { return descriptor_; }
  std::optional<signalfd_siginfo> Next();

  // What was blocked before.
  const sigset_t& mask_before() const { return before_; }

  // Does what `signal`, a stop signal, would do to this process, or to its whole group, were it not in the inbox, and
  // returns when it goes on. Whether it had stopped: an orphaned group does not, but for SIGSTOP.
  enum class Whom { kProcess, kGroup };
  bool Stop(int signal, Whom whom);
  // Dies of the signal, without a core of our own. Returns where that does not end a process.
  void Die(int signal);

 private:
  sigset_t signals_;
  sigset_t before_;
  int descriptor_ = -1;
};

}  // namespace eventlog

#endif  // PRODUCERS_SESSION_SIGNAL_INBOX_H_
