#include "gateway-svc/http/process_figures.h"

#include <sys/resource.h>
#include <unistd.h>

#include <fstream>

#include "eventlog-svc/client/open_files.h"

namespace gateway {
namespace {

int64_t ResidentBytes() {
  std::ifstream file("/proc/self/statm");
  int64_t size_pages = 0, resident_pages = 0;
  if (!(file >> size_pages >> resident_pages)) return -1;
  return resident_pages * sysconf(_SC_PAGESIZE);
}

double Seconds(const timeval& time) {
  return static_cast<double>(time.tv_sec) + static_cast<double>(time.tv_usec) / 1e6;
}

}  // namespace

ProcessFigures ReadProcessFigures() {
  ProcessFigures figures;
  figures.resident_bytes = ResidentBytes();
  const auto open_files = eventlog::OpenFiles();
  if (open_files.ok()) figures.open_files = static_cast<int64_t>(open_files->size());
  rlimit files{};
  if (getrlimit(RLIMIT_NOFILE, &files) == 0) figures.open_files_max = static_cast<int64_t>(files.rlim_cur);
  rusage usage{};
  if (getrusage(RUSAGE_SELF, &usage) == 0) figures.cpu_seconds = Seconds(usage.ru_utime) + Seconds(usage.ru_stime);
  return figures;
}

}  // namespace gateway
