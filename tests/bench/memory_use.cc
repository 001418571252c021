#include "tests/bench/memory_use.h"

#include <fstream>
#include <string>

#include "absl/strings/str_cat.h"
#include "absl/strings/string_view.h"
#include "glog/logging.h"

namespace eventlog::bench {
namespace {

// The field of a file with lines like "Pss:   1234 kB".
int64_t Field(const std::string& path, absl::string_view name) {
  std::ifstream file(path);
  std::string word;
  while (file >> word) {
    if (word != absl::StrCat(name, ":")) continue;
    int64_t kilobytes = 0;
    file >> kilobytes;
    return kilobytes * 1024;
  }
  LOG(FATAL) << "no " << name << " in " << path;
}

}  // namespace

MemoryUse MemoryOf(pid_t process) {
  const std::string path = absl::StrCat("/proc/", process, "/smaps_rollup");
  MemoryUse use;
  use.resident_bytes = Field(path, "Rss");
  use.proportional_bytes = Field(path, "Pss");
  use.private_dirty_bytes = Field(path, "Private_Dirty");
  return use;
}

int64_t PeakResidentBytes(pid_t process) { return Field(absl::StrCat("/proc/", process, "/status"), "VmHWM"); }

void ResetPeak(pid_t process) {
  std::ofstream file(absl::StrCat("/proc/", process, "/clear_refs"));
  file << "5";
  CHECK(file.flush().good()) << "the peak of " << process << " could not be reset";
}

}  // namespace eventlog::bench
