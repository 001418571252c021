// One log as the service has it, without its threads and its clock: the stores of the embedded engine, the log's state
// and a GroupCommitter, and the queue before it, from which somebody takes groups by hand.

#ifndef TESTS_SIM_SIMULATED_LOG_H_
#define TESTS_SIM_SIMULATED_LOG_H_

#include <cstdint>
#include <deque>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "absl/time/time.h"
#include "eventlog-svc/engine/commit_metrics.h"
#include "eventlog-svc/engine/embedded/embedded_stores.h"
#include "eventlog-svc/engine/group_committer.h"
#include "eventlog-svc/engine/log.h"
#include "eventlog-svc/engine/log_state.h"
#include "eventlog-svc/engine/producer_table.h"
#include "eventlog-svc/engine/store_factory.h"
#include "eventlog-svc/storage/segmented_log.h"
#include "eventlog-svc/storage/stored_segment.h"
#include "tests/sim/sim_clock.h"
#include "tests/sim/sim_disk.h"
#include "tests/sim/sim_random.h"
#include "tests/sim/sim_request.h"

namespace eventlog {

struct SimulatedLogOptions {
  SegmentedLogOptions storage;  // its clock and random are the simulation's
  ProducerTableOptions producers;
  LogSettings settings;  // that it is made with, but for the create time
};

// One thread. All but Open, is_open and Die want an open log. Disk, clock and random must outlive it.
class SimulatedLog : public Log {
 public:
  SimulatedLog(SimDisk& disk, const SimClock& clock, SimRandom& random, SimulatedLogOptions options);

  // Opens the log, or makes it, as LocalEngine does with its default log.
  absl::Status Open();
  bool is_open() const { return open_.has_value(); }
  // Ends as Engine::Close does. The queue is to be empty.
  void Close();
  // Is gone, as the process is that had it: nothing is written, and what waits gets no answer: it is returned.
  std::deque<std::shared_ptr<SimRequest>> Die();

  // Queues the request; the answer is put into it.
  void Send(std::shared_ptr<SimRequest> request);
  size_t waiting() const { return queue_.size(); }
  // Commits the first `count` requests that wait as one group, and returns them.
  std::vector<std::shared_ptr<SimRequest>> CommitGroup(size_t count);
  bool has_unsynced() const { return open_->committer.has_unsynced(); }
  absl::Status SyncPublished() { return open_->committer.SyncPublished(); }
  // Nothing can be appended any more until a restart.
  bool stopped() const { return !open_->committer.failure().ok(); }
  // How often there was something new to be read.
  int64_t published() const { return open_->published; }
  // What the next append's time is not below.
  absl::Time last_append_time() const { return open_->store->last_append_time(); }
  // The generation given last, as it would be stored.
  int64_t last_generation() const;
  std::vector<StoredSegment> stored_segments() const { return open_->store->stored_segments(); }

  // Of the process, for other logs beside this one.
  StoreFactory& stores() { return stores_; }

  const std::string& name() const override { return name_; }
  const std::string& epoch() const override { return open_->store->epoch(); }
  void Append(AppendBatch batch, AppendCallback done) override;
  void Change(LogChange change, ChangeCallback done) override;
  absl::StatusOr<RecordPage> Read(const ReadOptions& options) const override { return open_->store->Read(options); }
  absl::StatusOr<int64_t> OffsetAt(absl::Time time) const override { return open_->store->OffsetAt(time); }
  LogBounds bounds() const override { return open_->store->size().bounds; }
  LogSize size() const override { return open_->store->size(); }
  LogSettings settings() const override { return open_->state->settings(); }
  absl::StatusOr<Cursor> FindCursor(absl::string_view name) const override { return open_->state->FindCursor(name); }
  std::vector<Cursor> cursors() const override { return open_->state->cursors(); }
  int64_t StartForBytes(int64_t bytes_max) const override { return open_->store->StartForBytes(bytes_max); }
  bool deleted() const override { return false; }
  void AddListener(LogListener* listener) override {}
  void RemoveListener(LogListener* listener) override {}

 private:
  // What a process has in its memory.
  struct Process {
    Process(StoreFactory::Opened opened, const SimClock& clock);
    std::unique_ptr<BatchStore> store;
    std::unique_ptr<LogState> state;
    CommitMetrics metrics;
    int64_t published = 0;
    GroupCommitter committer;
  };

  const std::string name_;
  const SimClock& clock_;
  const LogSettings settings_;
  EmbeddedStores stores_;
  std::optional<Process> open_;
  std::deque<CommitRequest> queue_;
  std::deque<std::shared_ptr<SimRequest>> sent_;  // of the same length
};

}  // namespace eventlog

#endif  // TESTS_SIM_SIMULATED_LOG_H_
