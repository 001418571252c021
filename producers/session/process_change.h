// What happened to a command that runs.

#ifndef PRODUCERS_SESSION_PROCESS_CHANGE_H_
#define PRODUCERS_SESSION_PROCESS_CHANGE_H_

#include <sys/wait.h>

namespace eventlog {

struct ProcessChange {
  enum Kind {
    kStopped,    // by the signal `value`
    kContinued,  // after it was stopped
    kExited,     // with the exit code `value`
    kSignaled,   // ended by the signal `value`
    kLost,       // ended, or not: whoever watched it is gone
  };
  Kind kind;
  int value;
  bool core_dumped;

  bool ended() const { return kind != kStopped && kind != kContinued; }

  // Of a status of waitpid.
  static ProcessChange FromWait(int status) {
    if (WIFSTOPPED(status)) return {kStopped, WSTOPSIG(status), false};
    if (WIFCONTINUED(status)) return {kContinued, 0, false};
    if (WIFSIGNALED(status)) return {kSignaled, WTERMSIG(status), WCOREDUMP(status) != 0};
    return {kExited, WEXITSTATUS(status), false};
  }
};

}  // namespace eventlog

#endif  // PRODUCERS_SESSION_PROCESS_CHANGE_H_
