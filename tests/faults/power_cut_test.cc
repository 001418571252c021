// The power goes at every operation of scripted runs, and again while the log recovers. What was acknowledged or shown
// is there when it comes back; what was not is there as a whole or not at all; the log goes on.
//
// The long form of it: bazel run //tests/faults:power_cut_long -- --states=1000000

#include <atomic>
#include <cstdint>
#include <iostream>
#include <optional>
#include <string>
#include <thread>
#include <vector>

#include "absl/flags/flag.h"
#include "absl/strings/str_cat.h"
#include "absl/time/clock.h"
#include "gtest/gtest.h"
#include "tests/faults/aftermath.h"
#include "tests/faults/scripted_run.h"
#include "tests/support/fake_file_system.h"
#include "tests/support/status_matchers.h"

ABSL_FLAG(int64_t, states, 4'000, "how many states after a power cut are looked at");
ABSL_FLAG(int64_t, seconds_max, 40, "no run is begun after this many seconds");
ABSL_FLAG(uint32_t, first_run, 1, "the seed of the first run");
ABSL_FLAG(int, jobs, 1, "how many runs are looked at in parallel");

namespace eventlog {
namespace {

using Operation = FakeFileSystem::Operation;

constexpr int kRounds = 24;
constexpr uint32_t kSeedsPerBoundary = 10;
// One in so many states has its recovery cut at each of its operations; one in so many is cut again at its end.
constexpr uint32_t kNestedEvery = 16;
constexpr uint32_t kAgainEvery = 4;

// The moment before an operation.
struct Boundary {
  FakeFileSystem::Image image;
  KnownLog known;
  std::string operation;
};

// Looks at the states that power cuts in one run leave.
class PowerCuts {
 public:
  explicit PowerCuts(uint32_t run) : run_(run) {}

  absl::Status LookAtAll() {
    FakeFileSystem files;
    ScriptedRun script(files, run_);
    std::vector<Boundary> boundaries;
    script.set_fault([&](Operation operation, const std::string& path) {
      if (FakeFileSystem::Changes(operation)) {
        boundaries.push_back(
            {files.Capture(), script.known(), absl::StrCat(static_cast<int>(operation), " of ", path)});
      }
      return absl::OkStatus();
    });
    const absl::Status ran = script.Run(kRounds);
    if (!ran.ok()) return Within(ran, absl::StrCat("run ", run_));
    boundaries.push_back({files.Capture(), script.known(), "the end"});
    script.Close();
    for (size_t i = 0; i < boundaries.size(); ++i) {
      for (uint32_t seed = 0; seed < kSeedsPerBoundary; ++seed) {
        // 0 and 1 are the extremes.
        const uint32_t drawn = seed < 2 ? seed : run_ * 7919 + static_cast<uint32_t>(i) * 31 + seed;
        const bool nested = (i + seed) % kNestedEvery == 0;
        const absl::Status sound = Look(boundaries[i], drawn, nested);
        if (!sound.ok()) {
          return Within(sound, absl::StrCat("run ", run_, ", before operation ", i, " (", boundaries[i].operation,
                                            "), seed ", drawn));
        }
      }
    }
    return absl::OkStatus();
  }
  int64_t states() const { return states_; }

 private:
  absl::Status Look(const Boundary& boundary, uint32_t seed, bool cut_recovery) {
    ++states_;
    FakeFileSystem files(boundary.image, seed);
    std::vector<Boundary> recovering;
    if (cut_recovery) {
      files.SetFault([&](Operation operation, const std::string& path) {
        if (FakeFileSystem::Changes(operation)) {
          recovering.push_back(
              {files.Capture(), boundary.known, absl::StrCat(static_cast<int>(operation), " of ", path)});
        }
        return absl::OkStatus();
      });
    }
    absl::StatusOr<std::unique_ptr<LocalEngine>> engine = OpenSmallEngine(files);
    if (!engine.ok()) return Within(engine.status(), "opening");
    files.SetFault(nullptr);
    KnownLog known = boundary.known;
    absl::Status sound = GoOn(*(*engine)->logs().at(0), known);
    engine->reset();
    if (sound.ok() && states_ % kAgainEvery == 0) sound = LookAfterCut(files, known);
    for (size_t i = 0; sound.ok() && i < recovering.size(); ++i) {
      sound = Within(Look(recovering[i], seed < 2 ? seed : seed + static_cast<uint32_t>(i), false),
                     absl::StrCat("recovery cut before operation ", i, " (", recovering[i].operation, ")"));
    }
    return sound;
  }

  const uint32_t run_;
  int64_t states_ = 0;
};

TEST(PowerCutTest, WhatWasAcknowledgedIsKeptWhereverThePowerGoes) {
  const absl::Time begin = absl::Now();
  const absl::Time end = begin + absl::Seconds(absl::GetFlag(FLAGS_seconds_max));
  std::atomic<uint32_t> next_run = absl::GetFlag(FLAGS_first_run);
  std::atomic<int64_t> states = 0;
  std::atomic<bool> failed = false;
  const auto look = [&] {
    while (!failed && states < absl::GetFlag(FLAGS_states) && absl::Now() < end) {
      PowerCuts cuts(next_run++);
      const absl::Status sound = cuts.LookAtAll();
      EXPECT_THAT(sound, IsOk());
      if (!sound.ok()) failed = true;
      states += cuts.states();
    }
  };
  std::vector<std::thread> threads;
  for (int i = 1; i < absl::GetFlag(FLAGS_jobs); ++i) threads.emplace_back(look);
  look();
  for (std::thread& thread : threads) thread.join();
  std::cout << states << " states after a power cut, of " << next_run - absl::GetFlag(FLAGS_first_run) << " runs, in "
            << absl::Now() - begin << "\n";
  EXPECT_GT(states, 0);
}

}  // namespace
}  // namespace eventlog
