// A disk whose sync fails once, for a program that is started with this library as LD_PRELOAD.
//
// When the file that FAILING_SYNC_TRIGGER names exists, the next fdatasync fails with EIO, what was written through
// pwritev since the sync before it is gone, as after a kernel that gave up on those pages, and the file is removed. A
// number in the file says how many more are let through before. Every later fdatasync says OK again, as the kernel
// does: only a program that remembers the failure is safe.

#include <dlfcn.h>
#include <errno.h>
#include <fcntl.h>
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

// Whether this sync is the one. Syncs come from one thread at a time.
bool Fails() {
  static long let_through = -1;
  const char* trigger = getenv("FAILING_SYNC_TRIGGER");
  if (trigger == nullptr) return false;
  if (let_through < 0) {
    const int file = open(trigger, O_RDONLY | O_CLOEXEC);
    if (file < 0) return false;
    char number[16] = "";
    if (read(file, number, sizeof(number) - 1) < 0) abort();
    close(file);
    let_through = atol(number);
  }
  return let_through-- == 0 && unlink(trigger) == 0;
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
  if (written_bytes == 0 || !Fails()) return next(file);
  Forget(file);
  errno = EIO;
  return -1;
}
