// What all benchmarks share: how often and how long they measure, and where both sides write.

#ifndef TESTS_BENCH_BENCH_RUN_H_
#define TESTS_BENCH_BENCH_RUN_H_

#include <string>
#include <vector>

#include "absl/strings/string_view.h"
#include "absl/time/time.h"

namespace eventlog::bench {

// --runs; 2 under --quick, which only shows that a benchmark works.
int Runs();
// --run_ms; 60 ms under --quick.
absl::Duration RunTime();

// Whether --quick was given: what is prepared may be small then.
bool Quick();

// What starts the service under measurement on free ports, with its data in `data_folder`.
std::vector<std::string> EventLogCommand(const std::string& data_folder);

// A folder for the data of both sides, so that they lie on the same file system: in --directory or the system's folder
// for temporary files. It goes with the object. Says so when it is in memory, where a sync costs nothing. Not thread
// safe.
class BenchFolder {
 public:
  BenchFolder();
  ~BenchFolder();
  BenchFolder(const BenchFolder&) = delete;
  BenchFolder& operator=(const BenchFolder&) = delete;

  std::string Path(absl::string_view name) const;

 private:
  std::string path_;
};

}  // namespace eventlog::bench

#endif  // TESTS_BENCH_BENCH_RUN_H_
