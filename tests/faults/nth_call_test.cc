// The n-th call of each kind that the log makes to the file system fails, for every n of a scripted run: once, and from
// there on until the disk is mended. Nothing that was acknowledged or shown is lost, nothing is acknowledged after a
// failed sync until a restart, and on the mended disk the log opens and goes on.
//
// The long form of it: bazel run //tests/faults:nth_call_long -- --calls_max=1000

#include <algorithm>
#include <array>
#include <atomic>
#include <cstdint>
#include <iostream>
#include <iterator>
#include <map>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "absl/base/thread_annotations.h"
#include "absl/flags/flag.h"
#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/synchronization/mutex.h"
#include "absl/time/clock.h"
#include "eventlog-svc/engine/error.h"
#include "gtest/gtest.h"
#include "tests/faults/aftermath.h"
#include "tests/faults/scripted_run.h"
#include "tests/support/append_oracle.h"
#include "tests/support/fake_file_system.h"
#include "tests/support/status_matchers.h"

ABSL_FLAG(int64_t, calls_max, 40, "the n-th call fails for every n up to this one, of each kind");
ABSL_FLAG(int, rounds, 60, "how long the scripted run is");
ABSL_FLAG(int64_t, seconds_max, 30, "for one kind no n is begun after this many seconds");
ABSL_FLAG(uint32_t, run, 1, "the seed of the scripted run");

namespace eventlog {
namespace {

using Operation = FakeFileSystem::Operation;

// How long the script goes on after the call that failed, and once the disk is mended.
constexpr int kRoundsAfter = 4;
constexpr int kRoundsMended = 2;
// The script is paused after so many rounds: a run whose n-th call fails begins at the last pause before it.
constexpr int kRoundsBetweenPauses = 8;

struct Kind {
  const char* name;
  Operation operation;
  bool needs_space;
};

constexpr std::array kKinds{
    Kind{"Create", Operation::kCreate, true},      Kind{"Write", Operation::kWrite, true},
    Kind{"Sync", Operation::kSync, true},          Kind{"Allocate", Operation::kAllocate, true},
    Kind{"Truncate", Operation::kTruncate, false}, Kind{"Rename", Operation::kRename, true},
    Kind{"Remove", Operation::kRemove, false},     Kind{"SyncDirectory", Operation::kSyncDirectory, true},
    Kind{"Open", Operation::kOpen, false},         Kind{"Read", Operation::kRead, false},
    Kind{"List", Operation::kList, false},         Kind{"Stat", Operation::kStat, false},
};

struct Failure {
  Operation operation;
  bool is_full;  // ENOSPC, else EIO
  bool lasts;
};

std::string Describe(const Failure& failure) {
  return absl::StrCat(failure.is_full ? "ENOSPC" : "EIO", failure.lasts ? " from there on" : " once");
}

absl::Status ErrorOf(const Failure& failure) {
  return failure.is_full ? Error(absl::StatusCode::kResourceExhausted, "DISK_FULL", "no space left on device")
                         : Error(absl::StatusCode::kUnavailable, "STORAGE_FAILED", "input/output error");
}

struct Pause {
  PausedRun run;
  int round;                                  // the next one
  std::map<Operation, int64_t> calls_before;  // of each kind
};

// The scripted run in which nothing fails.
class SoundRun {
 public:
  absl::Status Run(int rounds) {
    FakeFileSystem files;
    ScriptedRun script(files, absl::GetFlag(FLAGS_run));
    script.set_fault([this](Operation operation, const std::string&) {
      absl::MutexLock lock(&mutex_);
      ++calls_[operation];
      return absl::OkStatus();
    });
    absl::Status status;
    for (int round = 0; status.ok() && round < rounds; ++round) {
      if (round % kRoundsBetweenPauses == 0) {
        PausedRun paused = script.Pause();
        pauses_.push_back({std::move(paused), round, calls()});
        status = script.Open();
      }
      if (status.ok()) status = script.Round();
    }
    script.Close();
    return status;
  }
  std::map<Operation, int64_t> calls() const {
    absl::MutexLock lock(&mutex_);
    return calls_;
  }
  // The last one before the n-th call of this kind, which there must be.
  const Pause& PauseBefore(Operation operation, int64_t n) const {
    const auto behind = std::find_if(pauses_.begin(), pauses_.end(), [&](const Pause& pause) {
      const auto calls = pause.calls_before.find(operation);
      return calls != pause.calls_before.end() && calls->second >= n;
    });
    return *std::prev(behind);
  }

 private:
  std::vector<Pause> pauses_;
  mutable absl::Mutex mutex_;
  std::map<Operation, int64_t> calls_ ABSL_GUARDED_BY(mutex_);
};

// The scripted run from that pause on; its n-th call fails.
class FailingRun {
 public:
  FailingRun(const Failure& failure, const Pause& pause, int64_t n)
      : failure_(failure), n_(n), round_(pause.round), files_(pause.run.image, 1), script_(files_, pause.run) {
    const auto before = pause.calls_before.find(failure.operation);
    calls_ = before == pause.calls_before.end() ? 0 : before->second;
    script_.set_fault([this](Operation operation, const std::string& path) { return OnCall(operation, path); });
  }

  // kInternal when a promise was broken.
  absl::Status Look() {
    absl::Status sound = Run();
    if (sound.ok()) sound = LookAtFailed();
    if (sound.ok()) sound = Within(CutPower(), "at the end");
    const KnownLog known = script_.known();
    script_.Close();
    files_.SetFault(nullptr);
    // As a restarted process finds it.
    if (sound.ok()) sound = Within(Reopen(files_, known), "restart");
    return sound;
  }
  bool has_failed() const { return calls_ >= n_; }

 private:
  absl::Status OnCall(Operation operation, const std::string& path) {
    if (mended_ || operation != failure_.operation) return absl::OkStatus();
    const int64_t call = ++calls_;
    if (call < n_ || (call > n_ && !failure_.lasts)) return absl::OkStatus();
    const bool holds_events = absl::EndsWith(path, ".log");
    if (operation == Operation::kSync && holds_events && !acknowledged_.has_value()) {
      acknowledged_ = script_.known().appends.acknowledged();
    }
    return ErrorOf(failure_);
  }

  // The script, up to some rounds after the failure, and on the mended disk where the log still lives.
  absl::Status Run() {
    absl::Status status = script_.Open();
    int rounds_after = 0;
    const int first = round_;
    for (; status.ok() && rounds_after < kRoundsAfter && round_ < absl::GetFlag(FLAGS_rounds); ++round_) {
      if (round_ > first && round_ % kRoundsBetweenPauses == 0) {
        script_.Close();
        status = script_.Open();
      }
      if (status.ok()) status = script_.Round();
      if (!has_failed()) continue;
      if (rounds_after++ > 0 || absl::IsInternal(status)) continue;
      // Before anything hides what the failure left.
      const absl::Status sound = Within(CutPower(), "behind the failure");
      if (!sound.ok()) return sound;
    }
    if (absl::IsInternal(status)) return status;
    const bool lives = status.ok() && script_.engine()->health().ok();
    mended_ = true;
    // Such a sync leaves it open what the disk has, whatever the reason was.
    if (lives && acknowledged_.has_value()) return absl::InternalError("the log goes on after a failed sync");
    for (int round = 0; lives && status.ok() && round < kRoundsMended; ++round) status = script_.Round();
    if (lives && status.ok()) status = script_.ReadBack();
    if (lives) return Within(status, "on the mended disk without a restart");
    // A sound refusal, for which Look opens the log once more.
    const bool says_why = absl::IsUnavailable(status) || absl::IsResourceExhausted(status);
    return says_why ? absl::OkStatus() : Within(status, "neither open nor refused for its disk");
  }

  // The log as the power would leave it now.
  absl::Status CutPower() {
    const FakeFileSystem::Image image = files_.Capture();
    absl::Status sound;
    for (uint32_t seed = 0; sound.ok() && seed < 3; ++seed) {
      FakeFileSystem after(image, seed);
      sound = Within(Reopen(after, script_.known()), absl::StrCat("power cut with seed ", seed));
    }
    return sound;
  }

  // A log whose sync failed acknowledges nothing more, although the disk is mended.
  absl::Status LookAtFailed() {
    Log* const log = script_.log();
    if (log == nullptr || script_.engine()->health().ok()) return absl::OkStatus();
    const absl::StatusOr<AppendResult> appended = Append(*log, MakeBatch({"after the failure"}));
    if (appended.ok() || !absl::IsUnavailable(appended.status())) {
      return absl::InternalError(absl::StrCat("a failed log answers an append with ", appended.status().ToString()));
    }
    if (acknowledged_.has_value() && script_.known().appends.acknowledged() != *acknowledged_) {
      return absl::InternalError("something was acknowledged after a failed sync");
    }
    return absl::OkStatus();
  }

  const Failure failure_;
  const int64_t n_;
  int round_;
  std::atomic<int64_t> calls_ = 0;
  std::atomic<bool> mended_ = false;
  std::optional<int64_t> acknowledged_;  // when a sync of events failed first
  FakeFileSystem files_;
  ScriptedRun script_;
};

class NthCallTest : public testing::TestWithParam<Kind> {
 protected:
  static void SetUpTestSuite() {
    run_ = new SoundRun();
    ASSERT_THAT(run_->Run(absl::GetFlag(FLAGS_rounds)), IsOk());
  }
  static void TearDownTestSuite() { delete run_; }

  static SoundRun* run_;
};

SoundRun* NthCallTest::run_ = nullptr;

TEST_P(NthCallTest, FailsAndNothingIsLost) {
  const Kind& kind = GetParam();
  const absl::Time end = absl::Now() + absl::Seconds(absl::GetFlag(FLAGS_seconds_max));
  const int64_t calls = run_->calls()[kind.operation];
  int64_t n = 0;
  while (n < std::min(calls, absl::GetFlag(FLAGS_calls_max)) && absl::Now() < end) {
    ++n;
    for (const bool is_full : {false, true}) {
      for (const bool lasts : {false, true}) {
        if (is_full && !kind.needs_space) continue;
        const Failure failure{kind.operation, is_full, lasts};
        FailingRun run(failure, run_->PauseBefore(kind.operation, n), n);
        ASSERT_THAT(run.Look(), IsOk()) << kind.name << " " << n << ", " << Describe(failure);
        ASSERT_TRUE(run.has_failed()) << kind.name << " " << n << ", " << Describe(failure)
                                      << ": there was no such call";
      }
    }
  }
  std::cout << kind.name << ": the n-th call failed for every n up to " << n << ", of " << calls
            << " that the run makes\n";
  EXPECT_GT(n, 0) << "the run makes no such call";
}

INSTANTIATE_TEST_SUITE_P(Of, NthCallTest, testing::ValuesIn(kKinds),
                         [](const testing::TestParamInfo<Kind>& info) { return info.param.name; });

}  // namespace
}  // namespace eventlog
