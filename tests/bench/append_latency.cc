// Compares the time of one durable append, with nothing else in flight, with what it is made of: a bare gRPC echo and a
// sync of the same bytes. `bazel run //tests/bench:append_latency`.

#include <fcntl.h>
#include <unistd.h>

#include <string>

#include "absl/flags/parse.h"
#include "absl/flags/usage.h"
#include "absl/time/clock.h"
#include "absl/time/time.h"
#include "glog/logging.h"
#include "tests/bench/append_load.h"
#include "tests/bench/bench_run.h"
#include "tests/bench/child_process.h"
#include "tests/bench/comparison.h"
#include "tests/bench/samples.h"

namespace eventlog::bench {
namespace {

constexpr Shape kOneInFlight = {1, 1, 256};
constexpr int64_t kPrewrittenBytes = 16 * 1024 * 1024;

double AppendMedianUs(const std::string& address, absl::Duration duration) {
  return RunAppendLoad(address, kOneInFlight, duration).latency_us.Median();
}

// A file that is written to and synced, a message at a time.
class SyncedFile {
 public:
  // A file that was written before keeps its size, so that a sync has no metadata to write; it is written in a circle.
  SyncedFile(const std::string& path, bool prewritten)
      : fd_(open(path.c_str(), O_CREAT | O_TRUNC | O_WRONLY | O_CLOEXEC, 0600)), prewritten_(prewritten) {
    PCHECK(fd_ >= 0) << path;
    if (!prewritten) return;
    const std::string zeros(kPrewrittenBytes, '\0');
    PCHECK(pwrite(fd_, zeros.data(), zeros.size(), 0) == kPrewrittenBytes);
    PCHECK(fdatasync(fd_) == 0);
  }
  ~SyncedFile() { close(fd_); }
  SyncedFile(const SyncedFile&) = delete;
  SyncedFile& operator=(const SyncedFile&) = delete;

  double MedianUs(absl::Duration duration) {
    const std::string bytes = MakeAppendRequest(1, kOneInFlight.event_bytes).SerializeAsString();
    Samples us;
    for (const absl::Time start = absl::Now(); absl::Now() - start < duration;) {
      const absl::Time before = absl::Now();
      const ssize_t written = pwrite(fd_, bytes.data(), bytes.size(), position_);
      PCHECK(written == static_cast<ssize_t>(bytes.size()));
      PCHECK(fdatasync(fd_) == 0);
      us.Add(absl::ToDoubleMicroseconds(absl::Now() - before));
      position_ += written;
      if (prewritten_ && position_ + written > kPrewrittenBytes) position_ = 0;
    }
    return us.Median();
  }

 private:
  const int fd_;
  const bool prewritten_;
  off_t position_ = 0;
};

void Run() {
  const BenchFolder folder;
  const ChildProcess ours(EventLogCommand(folder.Path("eventlog")));
  const ChildProcess echo({"tests/bench/bare_append_server", "--echo"});
  SyncedFile growing(folder.Path("growing"), false), prewritten(folder.Path("prewritten"), true);
  PrintComparisonHead(
      "p50 of a durable AppendStream append in us, 1 event of 256 B, 1 in flight; ratio = eventlog-svc / (bare gRPC "
      "echo "
      "p50 + pwrite and fdatasync p50)");
  const absl::Duration half = RunTime() / 2;
  for (SyncedFile* const file : {&growing, &prewritten}) {
    Compare(
        file == &growing ? "echo + fdatasync of a growing file" : "echo + fdatasync of a file written before",
        Better::kLower, [&] { return AppendMedianUs(ours.Address("grpc"), RunTime()); },
        [&] { return AppendMedianUs(echo.Address("grpc"), half) + file->MedianUs(half); });
  }
}

}  // namespace
}  // namespace eventlog::bench

int main(int argc, char** argv) {
  absl::SetProgramUsageMessage("The time of one durable append against echo and sync, as ratios.");
  absl::ParseCommandLine(argc, argv);
  eventlog::bench::Run();
}
