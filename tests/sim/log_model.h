// What a log promises, and has promised so far: the model that a simulation holds the log against after each group and
// each restart. It knows the requests, the answers, the clock and which faults there were; it predicts every answer and
// everything that can be read, with nothing of the product's tables.
//
// Order. Offsets are dense from 0; the batches of a group are in the order of its requests; one append time a group,
//   the clock's or, if that is behind, the last batch's: it never falls.
// Answers. Each request is answered once, with what `ModelProducers`, `ModelState` and the log's head say: new offsets,
//   the first offsets of a repeat, or a refusal. It may be DISK_FULL only when the disk was full, and STORAGE_FAILED
//   only when an operation failed; a log that stopped (a failed write or sync) answers nothing else until a restart.
//   Within a stream nothing is answered OK behind what was not.
// Visible. Readers see exactly the published groups, none when its sync failed; and what is answered, unless it asked
//   for less than its log.
// Durable. After a power cut the log has a prefix of the batches that were written, never less than: what was answered
//   with FSYNC and all before it, every change that was answered, what readers could see while the log's default was
//   not MEMORY, and what SyncPublished said is synced. After the death of a process, or a clean end, it has all that
//   was published. DISK_FULL means: none of it, ever. Producers, cursors, settings and start are those of the prefix.
// Trims. The log begins where the trims say, no later; a gap is TRIMMED and ends there.

#ifndef TESTS_SIM_LOG_MODEL_H_
#define TESTS_SIM_LOG_MODEL_H_

#include <cstdint>
#include <deque>
#include <map>
#include <memory>
#include <optional>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include "absl/status/status.h"
#include "absl/strings/string_view.h"
#include "absl/time/time.h"
#include "eventlog-svc/engine/log.h"
#include "eventlog-svc/engine/producer_table.h"
#include "tests/sim/model_producers.h"
#include "tests/sim/model_state.h"
#include "tests/sim/sim_request.h"
#include "tests/sim/simulated_log.h"

namespace eventlog {

struct ModelRecord {
  std::string text;
  absl::Time append_time;
};

// One thread. Every check is OK or kInternal with a sentence that says which promise was broken.
class LogModel {
 public:
  // What the last process left.
  enum class End { kPowerCut, kProcessGone };

  // The circumstances of a group's commit.
  struct Commit {
    absl::Time now;              // of the clock
    bool disk_was_full = false;  // an operation failed because of it
    bool disk_broke = false;     // one failed for another reason
    bool published = false;      // the log told that there is something new
    bool stopped = false;        // the log is stopped after it
  };

  explicit LogModel(const ProducerTableOptions& limits) : limits_(limits) {}

  // The log is open for the first time, or again after `end`. `latest` is the latest that the clock ever showed.
  absl::Status Opened(const SimulatedLog& log, End end, absl::Time latest);
  // A group was committed.
  absl::Status Committed(const std::vector<std::shared_ptr<SimRequest>>& group, const Commit& commit);
  // SyncPublished was called.
  absl::Status Synced(const absl::Status& synced, bool disk_broke);
  // Holds all that the log tells of itself, but the records, against the model.
  absl::Status CheckState(const SimulatedLog& log) const;

  // What readers may see; by offset, from 0.
  const std::vector<ModelRecord>& records() const { return records_; }
  int64_t start_offset() const { return published_.state.start_offset; }
  int64_t head_offset() const { return published_.head; }
  const ModelState& state() const { return published_.state; }
  bool stopped() const { return stopped_; }
  // How many batches that were written the last restart did not find.
  size_t lost() const { return lost_; }

 private:
  // The log behind some batch.
  struct Point {
    int64_t head = 0;
    ModelState state;
    ModelProducers producers;
    absl::Time last_time;  // of a batch
  };
  // One stored batch.
  struct Step {
    std::vector<ModelRecord> records;
    std::optional<ProducerSequence> producer;
    std::optional<ModelState> state;  // of a state batch: as it is then
    absl::Time time;
  };
  // A group while it is looked at.
  struct Group {
    const Commit& commit;
    absl::Time time;
    Point point;  // behind what the group has so far
    std::vector<Step> steps;
    size_t durable = 0;    // of open_ and `steps`, so many must be durable now
    bool changes = false;  // the state, so that there is a state batch
    bool change_answered = false;
    // Streams of which something fell, and whether for want of space.
    std::map<const AppendOrder*, bool> fallen = {};
  };

  absl::Status CheckAppend(const SimRequest& request, Group& group);
  absl::Status CheckInOrder(const SimRequest& request, const ModelProducers::Verdict& verdict, Group& group);
  absl::Status CheckNew(const SimRequest& request, Durability durability, Group& group);
  absl::Status CheckRepeat(const SimRequest& request, const ModelProducers::Verdict& verdict, Durability durability,
                           Group& group) const;
  absl::Status CheckChange(const SimRequest& request, Group& group);
  // A failure of the disk, or of an earlier append of the stream: whether there was one.
  absl::Status CheckFailure(const SimRequest& request, const Group& group) const;
  void Advance(Point& point, const Step& step) const;
  // The first `count` of open_ are durable.
  void Settle(size_t count);
  Durability Resolve(Durability asked) const;

  const ProducerTableOptions limits_;
  bool is_known_ = false;  // it was open once
  std::string epoch_;
  absl::Time last_append_time_;  // no append time is below it
  int64_t generation_answered_ = 0;
  bool stopped_ = false;
  std::set<std::shared_ptr<const AppendOrder>> broken_streams_;

  Point durable_;
  Point published_;
  std::deque<Step> open_;      // behind durable_, in the order of writing
  size_t open_published_ = 0;  // so many of them are published
  size_t lost_ = 0;
  std::vector<ModelRecord> records_;
};

}  // namespace eventlog

#endif  // TESTS_SIM_LOG_MODEL_H_
