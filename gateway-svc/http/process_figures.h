// What the kernel says of this process.

#ifndef GATEWAY_SVC_HTTP_PROCESS_FIGURES_H_
#define GATEWAY_SVC_HTTP_PROCESS_FIGURES_H_

#include <cstdint>

namespace gateway {

// -1 where it cannot be read, as when no file can be opened.
struct ProcessFigures {
  int64_t resident_bytes = -1;
  int64_t open_files = -1;
  int64_t open_files_max = -1;
  double cpu_seconds = -1;
};

// Any thread. Takes as long as listing the open files takes.
ProcessFigures ReadProcessFigures();

}  // namespace gateway

#endif  // GATEWAY_SVC_HTTP_PROCESS_FIGURES_H_
