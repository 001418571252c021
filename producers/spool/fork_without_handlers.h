// fork for a child that only execs or ends: without the handlers that libraries registered for it (pthread_atfork),
// which may allocate or wait for locks of other threads.
//
// In the child there is a copy of one thread of maybe many: only calls that are safe in a signal handler. Any thread;
// errors as of fork(2).

#ifndef PRODUCERS_SPOOL_FORK_WITHOUT_HANDLERS_H_
#define PRODUCERS_SPOOL_FORK_WITHOUT_HANDLERS_H_

#include <sys/types.h>
#include <unistd.h>

#include "absl/base/config.h"

namespace eventlog {

// ThreadSanitizer (clang 14) knows fork alone: behind _Fork the child's close, dup2 or _exit may wait for ever for a
// lock of the sanitizer that another thread had.
inline pid_t ForkWithoutHandlers() {
#ifdef ABSL_HAVE_THREAD_SANITIZER
  return fork();
#else
  return _Fork();
#endif
}

}  // namespace eventlog

#endif  // PRODUCERS_SPOOL_FORK_WITHOUT_HANDLERS_H_
