// All that one simulated life of a log is made of. Whoever acts in it draws from its random numbers and tells its
// trace.

#ifndef TESTS_SIM_SIM_WORLD_H_
#define TESTS_SIM_SIM_WORLD_H_

#include <cstdint>
#include <map>
#include <memory>
#include <string>
#include <utility>

#include "absl/strings/str_cat.h"
#include "tests/sim/log_model.h"
#include "tests/sim/sim_clock.h"
#include "tests/sim/sim_disk.h"
#include "tests/sim/sim_random.h"
#include "tests/sim/sim_request.h"
#include "tests/sim/simulated_log.h"
#include "tests/sim/trace.h"

namespace eventlog {

// One thread.
struct SimWorld {
  SimWorld(uint64_t seed, bool is_printed)
      : random(seed),
        trace(is_printed),
        options(Draw(random)),
        log(disk, clock, random, options),
        model(options.producers) {}

  // Small segments and tables, so that all limits are met soon.
  static SimulatedLogOptions Draw(SimRandom& random) {
    SimulatedLogOptions options;
    options.storage.segment_bytes_max = random.Between(1, 16) * 512;
    options.storage.index_interval_bytes = random.Between(1, 8) * 128;
    options.storage.open_segments_max = static_cast<size_t>(random.Between(1, 4));
    options.producers.producers_max = static_cast<size_t>(random.Between(2, 5));
    options.producers.batches_max = static_cast<size_t>(random.Between(1, 6));
    if (random.OneIn(4)) options.settings.default_durability = Durability::kMemory;
    return options;
  }

  // Queues a request of a client.
  void Send(std::shared_ptr<SimRequest> request) {
    trace.Add(absl::StrCat("  ", Describe(*request)));
    log.Send(std::move(request));
  }

  // No read failed since the log was opened.
  bool reads_are_sound() const { return disk.failures().reads == reads_broken_before; }

  SimRandom random;
  SimClock clock;
  SimDisk disk;
  Trace trace;
  const SimulatedLogOptions options;
  SimulatedLog log;
  LogModel model;
  int64_t reads_broken_before = 0;               // this opening of the log
  int64_t lost_percent = random.Between(0, 50);  // of the answers, on their way
  // What happened how often.
  std::map<std::string, int64_t> counts;
};

}  // namespace eventlog

#endif  // TESTS_SIM_SIM_WORLD_H_
