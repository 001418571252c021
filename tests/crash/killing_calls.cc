// A program that is killed at one of its own system calls, when it is started with this library as LD_PRELOAD.
//
// KILL_POINT="CALL N WHEN": the N-th CALL since the start of the process, on any thread, is its last. WHEN is "before",
// "after", or, for pwritev, "halfway": half of the bytes are written. The program says "killed" on standard output
// before it goes: whoever started it can tell this death from others.

// With it some of these calls are inline functions of the headers.
#undef _FORTIFY_SOURCE

#include <dlfcn.h>
#include <fcntl.h>
#include <signal.h>
#include <sys/uio.h>
#include <unistd.h>

#include <atomic>
#include <cstdarg>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <vector>

namespace {

struct KillPoint {
  KillPoint() {
    const char* text = getenv("KILL_POINT");
    if (text == nullptr || *text == '\0') return;
    if (sscanf(text, "%15s %ld %15s", call, &number, when) != 3) abort();
  }

  char call[16] = "";
  long number = 0;
  char when[16] = "";
  std::atomic<long> calls{0};
};

[[noreturn]] void Die() {
  constexpr char kWord[] = "killed\n";
  if (write(STDOUT_FILENO, kWord, sizeof(kWord) - 1) < 0) abort();
  kill(getpid(), SIGKILL);
  for (;;) pause();
}

// When the call that begins now is to be the last one: "after" or "halfway"; else empty.
const char* Begin(const char* call) {
  static auto& point = *new KillPoint();
  if (strcmp(call, point.call) != 0 || ++point.calls != point.number) return "";
  if (strcmp(point.when, "before") == 0) Die();
  return point.when;
}

// The result of the C library's function of this name.
template <typename Function, typename... Arguments>
auto Pass(const char* name, Arguments... arguments) {
  const bool is_last = *Begin(name) != '\0';
  const auto result = reinterpret_cast<Function*>(dlsym(RTLD_NEXT, name))(arguments...);
  if (is_last) Die();
  return result;
}

std::vector<struct iovec> FirstHalf(const struct iovec* parts, int count) {
  size_t bytes = 0;
  for (int i = 0; i < count; ++i) bytes += parts[i].iov_len;
  std::vector<struct iovec> half;
  for (size_t left = bytes / 2, i = 0; left > 0; ++i) {
    half.push_back({parts[i].iov_base, parts[i].iov_len < left ? parts[i].iov_len : left});
    left -= half.back().iov_len;
  }
  return half;
}

}  // namespace

extern "C" ssize_t pwritev(int file, const struct iovec* parts, int count, off_t position) {
  using Function = ssize_t(int, const struct iovec*, int, off_t);
  static auto* const next = reinterpret_cast<Function*>(dlsym(RTLD_NEXT, "pwritev"));
  const char* when = Begin("pwritev");
  if (strcmp(when, "halfway") == 0) {
    const std::vector<struct iovec> half = FirstHalf(parts, count);
    next(file, half.data(), static_cast<int>(half.size()), position);
    Die();
  }
  const ssize_t result = next(file, parts, count, position);
  if (*when != '\0') Die();
  return result;
}

extern "C" int fdatasync(int file) { return Pass<int(int)>("fdatasync", file); }

extern "C" int fsync(int file) { return Pass<int(int)>("fsync", file); }

extern "C" int fallocate(int file, int mode, off_t position, off_t size) {
  return Pass<int(int, int, off_t, off_t)>("fallocate", file, mode, position, size);
}

extern "C" int ftruncate(int file, off_t size) noexcept { return Pass<int(int, off_t)>("ftruncate", file, size); }

extern "C" int rename(const char* from, const char* to) noexcept {
  return Pass<int(const char*, const char*)>("rename", from, to);
}

extern "C" int remove(const char* path) noexcept { return Pass<int(const char*)>("remove", path); }

extern "C" int unlink(const char* path) noexcept { return Pass<int(const char*)>("unlink", path); }

extern "C" int mkdir(const char* path, mode_t mode) noexcept {
  return Pass<int(const char*, mode_t)>("mkdir", path, mode);
}

// Counts those that may create a file.
extern "C" int open(const char* path, int flags, ...) {
  va_list more;
  va_start(more, flags);
  const mode_t mode = (flags & O_CREAT) != 0 ? va_arg(more, mode_t) : 0;
  va_end(more);
  using Function = int(const char*, int, ...);
  if ((flags & O_CREAT) != 0) return Pass<Function>("open", path, flags, mode);
  static auto* const next = reinterpret_cast<Function*>(dlsym(RTLD_NEXT, "open"));
  return next(path, flags);
}
