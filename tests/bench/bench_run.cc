#include "tests/bench/bench_run.h"

#include <linux/magic.h>
#include <sys/vfs.h>
#include <unistd.h>

#include <cstdio>
#include <cstdlib>
#include <filesystem>

#include "absl/flags/flag.h"
#include "absl/strings/str_cat.h"
#include "glog/logging.h"

ABSL_FLAG(int, runs, 5, "measured runs of each side and shape");
ABSL_FLAG(int, run_ms, 2000, "length of a run, in milliseconds");
ABSL_FLAG(bool, quick, false, "two short runs: shows that the benchmark works, and measures nothing");
ABSL_FLAG(std::string, directory, "",
          "where both sides write, in a folder that goes at the end; the system's temporary one when empty");

namespace eventlog::bench {

bool Quick() { return absl::GetFlag(FLAGS_quick); }
int Runs() { return Quick() ? 2 : absl::GetFlag(FLAGS_runs); }
absl::Duration RunTime() { return absl::Milliseconds(Quick() ? 60 : absl::GetFlag(FLAGS_run_ms)); }

std::vector<std::string> EventLogCommand(const std::string& data_folder) {
  return {"eventlog-svc/eventlog-svc", "--listen=127.0.0.1:0", "--http_listen=127.0.0.1:0",
          absl::StrCat("--data_dir=", data_folder)};
}

BenchFolder::BenchFolder() {
  const std::filesystem::path given = absl::GetFlag(FLAGS_directory);
  path_ = ((given.empty() ? std::filesystem::temp_directory_path() : given) / "eventlog-bench-XXXXXX").string();
  PCHECK(mkdtemp(path_.data()) != nullptr) << path_;
  struct statfs disk {};
  PCHECK(statfs(path_.c_str(), &disk) == 0) << path_;
  if (disk.f_type == TMPFS_MAGIC) {
    std::printf("NOTE: %s is in memory, where a sync costs nothing: give --directory on a disk\n", path_.c_str());
  }
}

BenchFolder::~BenchFolder() { std::filesystem::remove_all(path_); }

std::string BenchFolder::Path(absl::string_view name) const { return absl::StrCat(path_, "/", name); }

}  // namespace eventlog::bench
