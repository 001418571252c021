#include "producers/session/reopen_output.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include "absl/strings/str_cat.h"

namespace eventlog {

int ReopenOutput(int output) {
  const int file = open(absl::StrCat("/proc/self/fd/", output).c_str(), O_WRONLY | O_NOCTTY | O_NONBLOCK | O_CLOEXEC);
  if (file < 0) return -1;
  struct stat ours;
  struct stat theirs;
  if (fstat(file, &ours) == 0 && fstat(output, &theirs) == 0 && ours.st_dev == theirs.st_dev &&
      ours.st_ino == theirs.st_ino) {
    return file;
  }
  close(file);
  return -1;
}

}  // namespace eventlog
