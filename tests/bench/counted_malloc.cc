// Preloaded into a server under measurement: counts its heap allocations in the first 8 bytes of the file that
// EVENTLOG_ALLOCATIONS_FILE names, and the bytes that are in use in the next 8, for who reads them from outside.
// operator new comes through malloc.

#include <fcntl.h>
#include <malloc.h>
#include <sys/mman.h>
#include <unistd.h>

#include <atomic>
#include <cstddef>
#include <cstdint>
#include <cstdlib>

extern "C" {
void* __libc_malloc(size_t size);
void* __libc_calloc(size_t count, size_t size);
void* __libc_realloc(void* old, size_t size);
void* __libc_memalign(size_t alignment, size_t size);
void __libc_free(void* memory);
}

namespace {

struct Counters {
  std::atomic<int64_t> allocations{0};
  std::atomic<int64_t> bytes_in_use{0};
};

Counters before_the_file;
std::atomic<Counters*> counters{&before_the_file};

void Use(void* memory, int sign) {
  if (memory == nullptr) return;
  const int64_t bytes = static_cast<int64_t>(malloc_usable_size(memory));
  counters.load(std::memory_order_relaxed)->bytes_in_use.fetch_add(sign * bytes, std::memory_order_relaxed);
}

void* Count(void* memory) {
  counters.load(std::memory_order_relaxed)->allocations.fetch_add(1, std::memory_order_relaxed);
  Use(memory, 1);
  return memory;
}

__attribute__((constructor)) void OpenCounters() {
  const char* const path = std::getenv("EVENTLOG_ALLOCATIONS_FILE");
  if (path == nullptr) return;
  const int fd = open(path, O_RDWR | O_CLOEXEC);
  if (fd < 0) _exit(126);
  void* const shared = mmap(nullptr, sizeof(Counters), PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);
  if (shared == MAP_FAILED) _exit(126);
  close(fd);
  auto* const in_file = static_cast<Counters*>(shared);
  in_file->bytes_in_use += before_the_file.bytes_in_use;
  counters.store(in_file);
}

}  // namespace

extern "C" {

void* malloc(size_t size) { return Count(__libc_malloc(size)); }
void* calloc(size_t count, size_t size) { return Count(__libc_calloc(count, size)); }
void* realloc(void* old, size_t size) {
  Use(old, -1);
  void* const now = __libc_realloc(old, size);
  if (now == nullptr && size > 0) Use(old, 1);
  return Count(now);
}
void* memalign(size_t alignment, size_t size) { return Count(__libc_memalign(alignment, size)); }
void* aligned_alloc(size_t alignment, size_t size) { return Count(__libc_memalign(alignment, size)); }
int posix_memalign(void** result, size_t alignment, size_t size) {
  *result = Count(__libc_memalign(alignment, size));
  return *result == nullptr ? 12 : 0;
}
void free(void* memory) {
  Use(memory, -1);
  __libc_free(memory);
}

}  // extern "C"
