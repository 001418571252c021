// One simulated life of a log, all of it chosen by a seed: who acts next, what fails, when the process is killed or the
// power goes. One thread, virtual time, a disk in memory: the same seed gives the same life, step by step.

#ifndef TESTS_SIM_SIMULATION_H_
#define TESTS_SIM_SIMULATION_H_

#include <cstdint>
#include <map>
#include <memory>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/strings/string_view.h"
#include "tests/sim/sim_client.h"
#include "tests/sim/sim_world.h"

namespace eventlog {

// One thread. Run is called once.
class Simulation {
 public:
  // `is_printed`: each step is printed.
  explicit Simulation(uint64_t seed, bool is_printed = false);

  // kInternal with the step and a sentence when a promise was broken.
  absl::Status Run();

  int64_t steps() const { return steps_; }
  int64_t restarts() const { return restarts_; }
  // What happened, and how often: so that a run which does nothing any more is seen.
  const std::map<std::string, int64_t>& counts() const { return world_.counts; }
  // Of all that happened, in its order.
  uint64_t trace_hash() const { return world_.trace.hash(); }

 private:
  absl::Status Step();
  absl::Status Act();
  absl::Status MoveClock();
  absl::Status CommitGroup(size_t count_max);
  absl::Status SyncPublished();
  void BeginFault();
  absl::Status Restart(LogModel::End end);
  absl::Status Close();
  // Opens the log, whatever it takes.
  absl::Status Open(LogModel::End end);
  void EndProcess(LogModel::End end);
  absl::Status CheckOpened(LogModel::End end);
  // The last restarts: on a sound disk the log is alive.
  absl::Status Finish();
  // The log's start was this one before the group that was just committed.
  void CountTrim(int64_t old_start);
  void Count(const std::string& what) { ++world_.counts[what]; }
  void Note(absl::string_view line) { world_.trace.Add(line); }

  SimWorld world_;
  std::vector<std::unique_ptr<SimClient>> clients_;
  std::vector<SimClient*> turns_;  // one of them is drawn: some clients are in it more than once
  int64_t producer_turns_ = 0;     // so many of them, the first
  int64_t quiet_steps_ = 0;        // before the producers begin
  int64_t ends_percent_ = 0;       // of the steps: restarts
  int64_t faults_percent_ = 0;
  int64_t steps_ = 0;
  int64_t restarts_ = 0;
};

}  // namespace eventlog

#endif  // TESTS_SIM_SIMULATION_H_
