// Tells ThreadSanitizer of what the system's Abseil does inside, besides its locks.
//
// A status with a message or a payload is shared by its copies. Debian's libabsl_status.so counts them with atomics
// that the sanitizer does not see, so that the last owner's free would look like a race with every earlier reader. This
// definition takes the place of the library's, as those of absl_mutex.cc do, and orders each release before the next.

#include <dlfcn.h>
#include <sanitizer/tsan_interface.h>

#include <cstdint>
#include <cstdio>
#include <cstdlib>

// absl::Status::UnrefNonInlined(uintptr_t), which is private: `representation` is the shared part's address, plus one.
extern "C" void _ZN4absl7debian36Status15UnrefNonInlinedEm(uintptr_t representation);
extern "C" void _ZN4absl7debian36Status15UnrefNonInlinedEm(uintptr_t representation) {
  static const auto real =
      reinterpret_cast<void (*)(uintptr_t)>(dlsym(RTLD_NEXT, "_ZN4absl7debian36Status15UnrefNonInlinedEm"));
  if (real == nullptr) {
    std::fprintf(stderr, "tsan/absl_internals: the system's Abseil has no Status::UnrefNonInlined\n");
    std::abort();
  }
  __tsan_release(reinterpret_cast<void*>(representation));
  __tsan_acquire(reinterpret_cast<void*>(representation));
  real(representation);
}
