// One life of a log on a fake disk, the same for the same seed: several producers append groups of batches of several
// sizes to small segments, consumers move, take, reset and delete cursors, the log is trimmed, the disk is full for a
// while, a sync fails, the clock jumps, the engine closes and opens again.

#ifndef TESTS_FAULTS_SCRIPTED_RUN_H_
#define TESTS_FAULTS_SCRIPTED_RUN_H_

#include <atomic>
#include <cstdint>
#include <functional>
#include <memory>
#include <random>
#include <string>
#include <utility>

#include "absl/base/thread_annotations.h"
#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/synchronization/mutex.h"
#include "eventlog-svc/engine/embedded/embedded_engine.h"
#include "tests/support/append_oracle.h"
#include "tests/support/fake_file_system.h"
#include "tests/support/log_driver.h"
#include "tests/support/state_oracle.h"

namespace eventlog {

// Small segments, and a clock that stands still.
EmbeddedEngineOptions SmallEngineOptions();
// Opens the engine on `files`.
absl::StatusOr<std::unique_ptr<LocalEngine>> OpenSmallEngine(FakeFileSystem& files);

// What those outside know of the log at one moment.
struct KnownLog {
  AppendOracle appends;
  StateOracle state;
  int64_t head = -1;  // what readers could see; -1: the log was not open
};

// A run that has closed its log, and can be gone on with any number of times.
struct PausedRun {
  FakeFileSystem::Image image;  // of its disk
  std::mt19937 random;
  absl::Time time;
  KnownLog known;
};

// One thread runs it. `files` must outlive it.
class ScriptedRun {
 public:
  ScriptedRun(FakeFileSystem& files, uint32_t seed) : files_(files), random_(seed) {}
  // Goes on from there; `files` is that image's.
  ScriptedRun(FakeFileSystem& files, const PausedRun& paused);
  // Nobody is asked any more.
  ~ScriptedRun() {
    files_.SetFault(nullptr);
    Close();
  }

  // Asked before each operation of the file system, on the thread that does it, with no lock held; as
  // FakeFileSystem::Fault.
  void set_fault(FakeFileSystem::Fault fault) { fault_ = std::move(fault); }

  // Opens the log, and runs until `rounds` are done or the log cannot be opened or takes no appends any more: then
  // kUnavailable. kInternal when a promise was broken.
  absl::Status Run(int rounds);
  // The same in steps.
  absl::Status Open();
  absl::Status Round();
  // Holds all that readers get against what is known. A read that failed together with an operation of the file system
  // is none of its business.
  absl::Status ReadBack();

  // From any thread; not while Run is at work, but from within a fault.
  KnownLog known() const;
  // Null when none is open.
  Log* log() { return log_; }
  LocalEngine* engine() { return engine_.get(); }
  void Close();
  // Closes the log. This one goes on with Open, as those do that begin there.
  PausedRun Pause();

 private:
  absl::Status OpenEngine();
  absl::Status CloseAndOpen();
  // The producers send again what they have no answer for.
  absl::Status RepeatOpen();
  absl::Status Fault(FakeFileSystem::Operation operation, const std::string& path);
  void MoveClock();
  // Sends batches and changes that are committed as one group. Whether all answers were OK or refusals that leave the
  // log sound.
  absl::Status CommitGroup();
  // The same, but its sync fails; then the log is opened anew.
  absl::Status FailASync();
  void SendAppend();
  void SendChange();
  LogChange DrawChange(const LogBounds& bounds);
  absl::Status AwaitAnswers();
  bool AllAnswered() const ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_) { return unanswered_ == 0; }
  uint32_t Draw(uint32_t below) { return random_() % below; }

  FakeFileSystem& files_;
  std::mt19937 random_;
  FakeFileSystem::Fault fault_;
  std::atomic<bool> full_ = false;
  std::atomic<bool> next_sync_fails_ = false;
  std::atomic<int64_t> failed_operations_ = 0;
  // Far ahead of the times at which segments are created, which are this machine's: an append is never before them.
  GatedClock clock_{absl::FromUnixSeconds(4'000'000'000)};
  std::unique_ptr<LocalEngine> engine_;
  Log* log_ = nullptr;

  mutable absl::Mutex mutex_;
  AppendOracle appends_ ABSL_GUARDED_BY(mutex_);
  StateOracle state_ ABSL_GUARDED_BY(mutex_);
  int unanswered_ ABSL_GUARDED_BY(mutex_) = 0;
  absl::Status broken_ ABSL_GUARDED_BY(mutex_);
};

}  // namespace eventlog

#endif  // TESTS_FAULTS_SCRIPTED_RUN_H_
