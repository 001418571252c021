#include "tests/bench/allocation_counter.h"

#include <fcntl.h>
#include <sys/mman.h>
#include <unistd.h>

#include "absl/strings/str_cat.h"
#include "glog/logging.h"

namespace eventlog::bench {
namespace {

constexpr off_t kFileBytes = 2 * sizeof(int64_t);  // of tests/bench/counted_malloc.cc

}  // namespace

AllocationCounter::AllocationCounter(const std::string& file) : file_(file) {
  const int fd = open(file.c_str(), O_RDWR | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);
  PCHECK(fd >= 0 && ftruncate(fd, kFileBytes) == 0) << file;
  void* const shared = mmap(nullptr, sizeof(int64_t), PROT_READ, MAP_SHARED, fd, 0);
  PCHECK(shared != MAP_FAILED);
  close(fd);
  shared_ = static_cast<const int64_t*>(shared);
}

AllocationCounter::~AllocationCounter() { munmap(const_cast<int64_t*>(shared_), sizeof(int64_t)); }

std::vector<std::string> AllocationCounter::Counted(const std::vector<std::string>& argv) const {
  std::vector<std::string> counted = {"/usr/bin/env", "LD_PRELOAD=tests/bench/libcounted_malloc.so",
                                      absl::StrCat("EVENTLOG_ALLOCATIONS_FILE=", file_)};
  counted.insert(counted.end(), argv.begin(), argv.end());
  return counted;
}

int64_t AllocationCounter::count() const { return __atomic_load_n(shared_, __ATOMIC_RELAXED); }

}  // namespace eventlog::bench
