// A disk whose sync fails once, for a program that is started with this library as LD_PRELOAD.
//
// When the file that FAILING_SYNC_TRIGGER names exists, the next fdatasync fails with EIO, what was written through
// pwritev since the sync before it is gone, as after a kernel that gave up on those pages, and the file is removed.
// Every later fdatasync says OK again, as the kernel does: only a program that remembers the failure is safe.

#include <dlfcn.h>
#include <errno.h>
#include <stdlib.h>
#include <sys/uio.h>
#include <unistd.h>

namespace {

// Of the last write; the log writes and syncs on one thread.
thread_local off_t written_position = 0;
thread_local size_t written_bytes = 0;

template <typename Function>
Function* Next(const char* name) {
  return reinterpret_cast<Function*>(dlsym(RTLD_NEXT, name));
}

void Forget(int file) {
  static char zeros[1 << 20];
  size_t done = 0;
  while (done < written_bytes) {
    const size_t count = written_bytes - done < sizeof(zeros) ? written_bytes - done : sizeof(zeros);
    const ssize_t result = pwrite(file, zeros, count, written_position + static_cast<off_t>(done));
    if (result <= 0) abort();
    done += static_cast<size_t>(result);
  }
}

}  // namespace

extern "C" ssize_t pwritev(int file, const struct iovec* parts, int count, off_t position) {
  static auto* const next = Next<ssize_t(int, const struct iovec*, int, off_t)>("pwritev");
  const ssize_t result = next(file, parts, count, position);
  written_position = position;
  written_bytes = result > 0 ? static_cast<size_t>(result) : 0;
  return result;
}

extern "C" int fdatasync(int file) {
  static auto* const next = Next<int(int)>("fdatasync");
  const char* trigger = getenv("FAILING_SYNC_TRIGGER");
  if (trigger == nullptr || written_bytes == 0 || unlink(trigger) != 0) return next(file);
  Forget(file);
  errno = EIO;
  return -1;
}
