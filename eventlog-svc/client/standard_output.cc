#include "eventlog-svc/client/standard_output.h"

#include <poll.h>
#include <unistd.h>

#include <cstdio>

namespace eventlog {

bool FlushStandardOutput() {
  if (std::fflush(stdout) == 0 && std::ferror(stdout) == 0) return true;
  pollfd output = {STDOUT_FILENO, 0, 0};
  return poll(&output, 1, 0) > 0 && (output.revents & POLLERR) != 0;
}

}  // namespace eventlog
