// One life of a log on a fake disk, the same for the same seed: several producers append groups of batches of several
// sizes to small segments, the disk is full for a while, the engine closes and opens again.

#ifndef TESTS_FAULTS_SCRIPTED_RUN_H_
#define TESTS_FAULTS_SCRIPTED_RUN_H_

#include <atomic>
#include <cstdint>
#include <functional>
#include <memory>
#include <random>
#include <string>
#include <utility>
#include <vector>

#include "absl/base/thread_annotations.h"
#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/synchronization/mutex.h"
#include "eventlog-svc/engine/embedded/embedded_engine.h"
#include "tests/support/append_oracle.h"
#include "tests/support/fake_file_system.h"
#include "tests/support/log_driver.h"

namespace eventlog {

// Small segments, and a clock that stands still.
EmbeddedEngineOptions SmallEngineOptions();
// Opens the engine on `files`.
absl::StatusOr<std::unique_ptr<LocalEngine>> OpenSmallEngine(FakeFileSystem& files);

// One thread runs it. `files` must outlive it.
class ScriptedRun {
 public:
  ScriptedRun(FakeFileSystem& files, uint32_t seed) : files_(files), random_(seed) {}

  // Asked before each operation of the file system, on the thread that does it, with no lock held; as
  // FakeFileSystem::Fault.
  void set_fault(FakeFileSystem::Fault fault) { fault_ = std::move(fault); }
  // Without it the script has no full disk of its own.
  void set_full_disks(bool on) { full_disks_ = on; }

  // Opens the log, and runs until `rounds` are done or the log cannot be opened or takes no appends any more: then
  // kUnavailable. kInternal when a promise was broken.
  absl::Status Run(int rounds);
  // The same in steps.
  absl::Status Open();
  absl::Status Round();
  // Holds all that readers get against what the producers know. A read that failed together with an operation of the
  // file system is none of its business.
  absl::Status ReadBack();
  // What the producers know at this moment; from any thread.
  AppendOracle oracle() const;
  // Of the log that is open; -1 when none is. Not while Run is at work, but from within a fault.
  int64_t head() const { return log_ == nullptr ? -1 : log_->bounds().head_offset; }
  Log* log() { return log_; }
  LocalEngine* engine() { return engine_.get(); }
  void Close();

 private:
  absl::Status OpenEngine();
  // Appends a group of batches as one group. Whether all answers were OK or refusals that leave the log sound.
  absl::Status AppendGroup();
  uint32_t Draw(uint32_t below) { return random_() % below; }

  FakeFileSystem& files_;
  std::mt19937 random_;
  FakeFileSystem::Fault fault_;
  bool full_disks_ = true;
  bool full_ = false;
  std::atomic<int64_t> failed_operations_ = 0;
  GatedClock clock_;
  std::unique_ptr<LocalEngine> engine_;
  Log* log_ = nullptr;

  mutable absl::Mutex mutex_;
  AppendOracle oracle_ ABSL_GUARDED_BY(mutex_);
};

}  // namespace eventlog

#endif  // TESTS_FAULTS_SCRIPTED_RUN_H_
