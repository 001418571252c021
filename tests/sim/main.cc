// Runs the simulation for many seeds, and prints how far it came. A seed that fails is run once more with its trace.
//
//   bazel run //tests/sim -- --seeds 1000000 --jobs 2
//   bazel run //tests/sim -- --first_seed 4711 --seeds 1

#include <atomic>
#include <cmath>
#include <cstdint>
#include <iostream>
#include <map>
#include <string>
#include <thread>
#include <vector>

#include "absl/base/thread_annotations.h"
#include "absl/flags/flag.h"
#include "absl/flags/parse.h"
#include "absl/flags/usage.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"
#include "absl/synchronization/mutex.h"
#include "absl/time/clock.h"
#include "absl/time/time.h"
#include "glog/logging.h"
#include "tests/sim/simulation.h"

ABSL_FLAG(int64_t, seeds, 1'000, "how many lives of a log are simulated; of one, each step is printed");
ABSL_FLAG(uint64_t, first_seed, 1, "the first one's seed");
ABSL_FLAG(int64_t, seconds_max, 24 * 3600, "none is begun after this many seconds");
ABSL_FLAG(int, jobs, 1, "how many are simulated in parallel, each on its own thread");

namespace eventlog {
namespace {

class Run {
 public:
  int Main() {
    std::vector<std::thread> threads;
    for (int i = 1; i < absl::GetFlag(FLAGS_jobs); ++i) threads.emplace_back([this] { Work(); });
    Work();
    for (std::thread& thread : threads) thread.join();
    absl::MutexLock lock(&mutex_);
    for (const auto& [what, count] : counts_) std::cout << count << " " << what << "\n";
    std::cout << absl::StrFormat("trace %016x", trace_hash_.load()) << "\n";
    const absl::Duration time = absl::Now() - begin_;
    std::cout << seeds_ << " seeds, " << steps_ << " steps, " << restarts_ << " restarts in " << time << ", "
              << std::lround(static_cast<double>(seeds_) / absl::ToDoubleSeconds(time)) << " seeds/s\n";
    if (failed_) std::cout << failure_ << "\n";
    return failed_ ? 1 : 0;
  }

 private:
  void Work() {
    const uint64_t first = absl::GetFlag(FLAGS_first_seed);
    const int64_t count = absl::GetFlag(FLAGS_seeds);
    const absl::Time end = begin_ + absl::Seconds(absl::GetFlag(FLAGS_seconds_max));
    while (!failed_ && absl::Now() < end) {
      const int64_t number = next_++;
      if (number >= count) return;
      Simulate(first + static_cast<uint64_t>(number), count == 1);
    }
  }

  void Simulate(uint64_t seed, bool is_printed) {
    Simulation simulation(seed, is_printed);
    const absl::Status sound = simulation.Run();
    ++seeds_;
    steps_ += simulation.steps();
    restarts_ += simulation.restarts();
    {
      absl::MutexLock lock(&mutex_);
      for (const auto& [what, number] : simulation.counts()) counts_[what] += number;
    }
    trace_hash_ ^= simulation.trace_hash();
    if (sound.ok() || failed_.exchange(true)) return;
    if (!is_printed) (void)Simulation(seed, /*is_printed=*/true).Run();
    absl::MutexLock lock(&mutex_);
    failure_ = absl::StrCat("seed ", seed, ": ", sound.message());
  }

  const absl::Time begin_ = absl::Now();
  std::atomic<int64_t> next_ = 0;
  std::atomic<bool> failed_ = false;
  std::atomic<int64_t> seeds_ = 0;
  std::atomic<int64_t> steps_ = 0;
  std::atomic<int64_t> restarts_ = 0;
  std::atomic<uint64_t> trace_hash_ = 0;  // of all traces, whatever their order
  absl::Mutex mutex_;
  std::string failure_ ABSL_GUARDED_BY(mutex_);
  std::map<std::string, int64_t> counts_ ABSL_GUARDED_BY(mutex_);
};

}  // namespace
}  // namespace eventlog

int main(int argc, char** argv) {
  absl::SetProgramUsageMessage("Simulates lives of a log.");
  absl::ParseCommandLine(argc, argv);
  // Each of thousands of broken disks has something to say.
  FLAGS_minloglevel = google::GLOG_FATAL;
  return eventlog::Run().Main();
}
