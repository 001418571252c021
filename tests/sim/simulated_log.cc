#include "tests/sim/simulated_log.h"

#include <algorithm>
#include <utility>
#include <variant>

#include "eventlog-svc/engine/log_name.h"
#include "proto/eventlog/storage/v1/log_state.pb.h"
#include "tests/support/log_driver.h"

namespace eventlog {
namespace {

constexpr char kDataDir[] = "/data";

SegmentedLogOptions Simulated(SegmentedLogOptions options, const SimClock& clock, SimRandom& random) {
  options.clock = [&clock] { return clock.Now(); };
  options.random = [&random] { return random.Bits(); };
  return options;
}

}  // namespace

SimulatedLog::Process::Process(StoreFactory::Opened opened, const SimClock& clock)
    : store(std::move(opened.store)),
      state(std::move(opened.state)),
      committer({Durability::kFsync, [&clock] { return clock.Now(); }, [this] { ++published; }, nullptr}, *store,
                *state, metrics) {}

SimulatedLog::SimulatedLog(SimDisk& disk, const SimClock& clock, SimRandom& random, SimulatedLogOptions options)
    : name_(kDefaultLog),
      clock_(clock),
      settings_(options.settings),
      stores_(disk.files(), kDataDir, Simulated(std::move(options.storage), clock, random), options.producers) {
  // The data folder is its owner's, and was there before.
  (void)disk.files().CreateDirectories(kDataDir);
  (void)disk.files().SyncDirectory("/");
}

absl::Status SimulatedLog::Open() {
  const absl::StatusOr<std::vector<std::string>> names = stores_.List();
  if (!names.ok()) return names.status();
  LogSettings settings = settings_;
  settings.create_time = clock_.Now();
  const bool is_there = std::find(names->begin(), names->end(), name_) != names->end();
  absl::StatusOr<StoreFactory::Opened> opened = is_there ? stores_.Open(name_) : stores_.Create(name_, settings);
  if (!opened.ok()) return opened.status();
  open_.emplace(*std::move(opened), clock_);
  return absl::OkStatus();
}

void SimulatedLog::Close() {
  (void)open_->committer.SyncPublished();
  open_->store->Close();
  open_.reset();
}

std::deque<std::shared_ptr<SimRequest>> SimulatedLog::Die() {
  open_.reset();
  queue_.clear();
  return std::exchange(sent_, {});
}

void SimulatedLog::Send(std::shared_ptr<SimRequest> request) {
  SimRequest* const sent = request.get();
  sent_.push_back(std::move(request));
  if (const auto* append = std::get_if<SimAppend>(&sent->what)) {
    AppendBatch batch = MakeBatch(append->texts);
    batch.expected_next_offset = append->expected_next_offset;
    batch.producer = append->producer;
    batch.durability = append->durability;
    batch.order = append->stream;
    Append(std::move(batch), [this, sent](absl::StatusOr<AppendResult> answer) {
      ++sent->answers;
      sent->head_offset = bounds().head_offset;
      sent->status = answer.status();
      if (answer.ok()) sent->appended = *answer;
    });
  } else {
    Change(std::get<LogChange>(sent->what), [this, sent](absl::StatusOr<Cursor> answer) {
      ++sent->answers;
      sent->head_offset = bounds().head_offset;
      sent->status = answer.status();
      if (answer.ok()) sent->cursor = *answer;
    });
  }
}

void SimulatedLog::Append(AppendBatch batch, AppendCallback done) {
  queue_.push_back(MakeAppendRequest(std::move(batch), std::move(done), clock_.Now()));
}

void SimulatedLog::Change(LogChange change, ChangeCallback done) {
  queue_.push_back(MakeChangeRequest(std::move(change), std::move(done), clock_.Now()));
}

std::vector<std::shared_ptr<SimRequest>> SimulatedLog::CommitGroup(size_t count) {
  std::vector<CommitRequest> group;
  std::vector<std::shared_ptr<SimRequest>> sent;
  while (!queue_.empty() && group.size() < count) {
    group.push_back(std::move(queue_.front()));
    queue_.pop_front();
    sent.push_back(std::move(sent_.front()));
    sent_.pop_front();
  }
  if (!group.empty()) open_->committer.Commit(std::move(group));
  return sent;
}

int64_t SimulatedLog::last_generation() const {
  storage::v1::LogState state;
  return state.ParseFromString(open_->state->Serialize()) ? state.last_generation() : -1;
}

}  // namespace eventlog
