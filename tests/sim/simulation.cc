#include "tests/sim/simulation.h"

#include <algorithm>
#include <utility>

#include "absl/strings/str_cat.h"
#include "eventlog-svc/engine/error.h"
#include "tests/sim/page_check.h"
#include "tests/sim/sim_catalog.h"
#include "tests/sim/sim_consumer.h"
#include "tests/sim/sim_operator.h"
#include "tests/sim/sim_producer.h"
#include "tests/sim/sim_reader.h"
#include "tests/sim/sim_subscriber.h"

namespace eventlog {
namespace {

using End = LogModel::End;
using Operation = SimDisk::Operation;

// Openings that may fail one after the other before the disk is made sound.
constexpr int64_t kBadOpeningsMax = 3;
constexpr Operation kBreakable[] = {Operation::kCreate,   Operation::kWrite,  Operation::kSync,
                                    Operation::kAllocate, Operation::kRename, Operation::kSyncDirectory,
                                    Operation::kTruncate, Operation::kRemove};

}  // namespace

Simulation::Simulation(uint64_t seed, bool is_printed) : world_(seed, is_printed) {
  for (int64_t i = world_.random.Between(2, 5); i > 0; --i) {
    clients_.push_back(std::make_unique<SimProducer>(absl::StrCat("producer-", i), absl::StrCat("p", i % 4)));
  }
  clients_.push_back(std::make_unique<SimProducer>("anonymous", ""));
  const size_t producers = clients_.size();
  for (int64_t i = world_.random.Between(1, 3); i > 0; --i) {
    clients_.push_back(std::make_unique<SimConsumer>(absl::StrCat("consumer-", i), absl::StrCat("c", i % 2)));
  }
  clients_.push_back(std::make_unique<SimSubscriber>("subscriber", ""));
  clients_.push_back(std::make_unique<SimSubscriber>("holder", "c0"));
  clients_.push_back(std::make_unique<SimReader>("reader"));
  clients_.push_back(std::make_unique<SimOperator>("operator"));
  clients_.push_back(std::make_unique<SimCatalog>("catalog"));
  // Some are busier than others, in each life other ones.
  for (size_t i = 0; i < clients_.size(); ++i) {
    const int64_t turns = world_.random.OneIn(4) ? 12 : world_.random.Between(1, 3);
    turns_.insert(turns_.end(), static_cast<size_t>(turns), clients_[i].get());
    if (i < producers) producer_turns_ = static_cast<int64_t>(turns_.size());
  }
  // Segments of changes alone are rare otherwise.
  if (world_.random.OneIn(6)) quiet_steps_ = world_.random.Between(20, 100);
  // Nothing waits for a sync to be on the disk.
  if (world_.random.OneIn(8)) world_.disk.files().WriteBackAtOnce();
  ends_percent_ = world_.random.Between(0, 6);
  faults_percent_ = world_.random.OneIn(8) ? 0 : world_.random.Between(1, 10);
}

absl::Status Simulation::Run() {
  const int64_t steps_max = world_.random.Between(50, 250);
  absl::Status sound = Open(End::kProcessGone);
  while (sound.ok() && steps_ < steps_max) {
    ++steps_;
    world_.trace.Add(absl::StrCat(steps_, ":"));
    sound = Step();
    if (sound.ok() && world_.log.is_open()) sound = world_.model.CheckState(world_.log);
  }
  if (sound.ok()) sound = Finish();
  world_.counts["clock jump"] = world_.clock.jumps();
  world_.counts["failed sync"] = world_.disk.failures().syncs;
  if (sound.ok()) return sound;
  world_.trace.Add(absl::StrCat("  broken: ", sound.message()));
  return absl::InternalError(absl::StrCat("step ", steps_, ": ", sound.message()));
}

absl::Status Simulation::Step() {
  SimRandom& random = world_.random;
  if (world_.disk.stopped()) return Restart(random.OneIn(3) ? End::kProcessGone : End::kPowerCut);
  if (world_.log.stopped() && random.OneIn(4)) return Restart(random.OneIn(2) ? End::kProcessGone : End::kPowerCut);
  const int64_t what = random.Below(100);
  if (what < ends_percent_) {
    if (random.OneIn(3)) return Close();
    return Restart(random.OneIn(2) ? End::kProcessGone : End::kPowerCut);
  }
  if (what < 10) return MoveClock();
  if (what < 35) return CommitGroup(static_cast<size_t>(random.Between(1, 8)));
  if (what < 38) return SyncPublished();
  if (what >= 100 - faults_percent_) {
    BeginFault();
    return absl::OkStatus();
  }
  return Act();
}

absl::Status Simulation::MoveClock() {
  world_.clock.Move(world_.random);
  Note(absl::StrCat("  it is ", absl::FormatTime(world_.clock.Now(), absl::UTCTimeZone())));
  return absl::OkStatus();
}

absl::Status Simulation::Act() {
  const int64_t first = steps_ <= quiet_steps_ ? producer_turns_ : 0;
  const int64_t turn = world_.random.Between(first, static_cast<int64_t>(turns_.size()) - 1);
  return turns_[static_cast<size_t>(turn)]->Act(world_);
}

absl::Status Simulation::CommitGroup(size_t count_max) {
  if (world_.log.waiting() == 0) return absl::OkStatus();
  if (world_.random.OneIn(2)) world_.clock.Move(world_.random);
  const SimDisk::Failures before = world_.disk.failures();
  const int64_t published = world_.log.published();
  const std::vector<std::shared_ptr<SimRequest>> group = world_.log.CommitGroup(count_max);
  const SimDisk::Failures after = world_.disk.failures();
  LogModel::Commit commit;
  commit.now = world_.clock.Now();
  commit.disk_was_full = after.full > before.full;
  commit.disk_broke = after.broken > before.broken;
  commit.published = world_.log.published() > published;
  commit.stopped = world_.log.stopped();
  Note(absl::StrCat("  a group of ", group.size(), commit.published ? ", published" : "",
                    commit.disk_was_full ? ", the disk is full" : "", commit.disk_broke ? ", the disk failed" : "",
                    commit.stopped ? ", the log is stopped" : ""));
  if (commit.stopped && commit.disk_broke) Count("stopped");
  for (const auto& request : group) {
    Note(absl::StrCat("    ", Describe(*request), ": ", DescribeAnswer(*request)));
    const std::string done = request->appended.duplicate ? "a repeat" : "done";
    Count(request->status.ok() ? done : ErrorReason(request->status));
  }
  const int64_t start = world_.model.start_offset();
  absl::Status sound = world_.model.Committed(group, commit);
  if (sound.ok() && commit.published) sound = CheckTrimmed(world_.model, world_.log);
  CountTrim(start);
  for (const auto& request : group) request->sender->OnAnswer(*request, world_.random.Below(100) < world_.lost_percent);
  return sound;
}

void Simulation::CountTrim(int64_t old_start) {
  const int64_t start = world_.model.start_offset();
  if (start == old_start) return;
  Count("trimmed");
  const bool is_under_reader = std::any_of(clients_.begin(), clients_.end(), [&](const auto& client) {
    return client->position() >= old_start && client->position() < start;
  });
  if (is_under_reader) Count("trimmed under a reader");
}

absl::Status Simulation::SyncPublished() {
  const int64_t broken = world_.disk.failures().broken;
  const absl::Status synced = world_.log.SyncPublished();
  Note(absl::StrCat("  sync: ", synced.ok() ? "ok" : "failed"));
  return world_.model.Synced(synced, world_.disk.failures().broken > broken);
}

void Simulation::BeginFault() {
  SimRandom& random = world_.random;
  const int64_t what = random.Below(8);
  if (what < 2 || world_.disk.space() != SimDisk::Space::kEnough) {
    const SimDisk::Space full = random.OneIn(2) ? SimDisk::Space::kReserved : SimDisk::Space::kNone;
    world_.disk.SetSpace(world_.disk.space() == SimDisk::Space::kEnough ? full : SimDisk::Space::kEnough);
    Note(absl::StrCat("  space of the disk: ", static_cast<int>(world_.disk.space())));
  } else if (what < 4) {
    const int64_t operation = random.Below(static_cast<int64_t>(std::size(kBreakable)));
    const int64_t skip = random.Below(3);
    world_.disk.BreakOne(kBreakable[operation], skip);
    Note(absl::StrCat("  operation ", operation, " is to fail after ", skip));
  } else if (what < 5) {
    world_.disk.BreakReads(random.Between(1, 3));
    Note("  reads are to fail");
  } else {
    const int64_t operations = random.Below(random.OneIn(2) ? 4 : 16);
    world_.disk.StopAfter(operations);
    Note(absl::StrCat("  the end is to come after ", operations, " operations"));
  }
}

absl::Status Simulation::Restart(End end) {
  EndProcess(end);
  return Open(end);
}

absl::Status Simulation::Close() {
  const size_t waiting = world_.log.waiting();
  absl::Status sound = CommitGroup(waiting);
  if (sound.ok()) sound = SyncPublished();
  if (!sound.ok()) return sound;
  Note("  the log is closed");
  Count("closed");
  world_.log.Close();
  return Restart(End::kProcessGone);
}

void Simulation::EndProcess(End end) {
  ++restarts_;
  for (const auto& client : clients_) client->OnRestart();
  for (const std::shared_ptr<SimRequest>& request : world_.log.Die()) request->sender->OnAnswer(*request, true);
  if (end == End::kProcessGone) {
    Note("  the process is killed");
    Count("process killed");
    world_.disk.KillProcess();
    return;
  }
  // 0 and 1 are the extremes.
  const uint32_t seed = static_cast<uint32_t>(world_.random.OneIn(3) ? world_.random.Below(2) : world_.random.Bits());
  Note(absl::StrCat("  the power goes, ", seed));
  Count("power cut");
  world_.disk.CutPower(seed);
}

absl::Status Simulation::Open(End end) {
  SimRandom& random = world_.random;
  for (int64_t attempt = 0;; ++attempt) {
    if (attempt < kBadOpeningsMax && random.OneIn(4)) {
      BeginFault();
    } else if (attempt == kBadOpeningsMax) {
      world_.disk.SetSpace(SimDisk::Space::kEnough);
    }
    const SimDisk::Failures before = world_.disk.failures();
    const absl::Status opened = world_.log.Open();
    const SimDisk::Failures after = world_.disk.failures();
    world_.reads_broken_before = before.reads;
    Note(absl::StrCat("  opening: ", opened.ok() ? "ok" : "failed"));
    if (opened.ok()) return CheckOpened(end);
    if (after.full == before.full && after.broken == before.broken && after.reads == before.reads) {
      return absl::InternalError(absl::StrCat("the log cannot be opened on a sound disk: ", opened.ToString()));
    }
    Count("failed opening");
    const End again = random.OneIn(2) ? End::kProcessGone : End::kPowerCut;
    if (again == End::kPowerCut) end = again;
    EndProcess(again);
  }
}

absl::Status Simulation::CheckOpened(End end) {
  absl::Status sound = world_.model.Opened(world_.log, end, world_.clock.latest());
  if (world_.model.lost() > 0) Count("batches lost that nobody counts on");
  if (sound.ok()) sound = world_.model.CheckState(world_.log);
  if (sound.ok() && world_.reads_are_sound()) sound = CheckTimes(world_.model, world_.log);
  // What it tells must not depend on reads that are still to fail.
  world_.disk.BreakReads(0);
  const size_t bytes_max = static_cast<size_t>(world_.random.Between(1, 4000));
  const Direction direction = world_.random.OneIn(3) ? Direction::kBackward : Direction::kForward;
  if (sound.ok()) sound = CheckContents(world_.model, world_.log, direction, bytes_max);
  if (sound.ok() && world_.random.OneIn(4)) sound = CheckSegments(world_.model, world_.log);
  for (size_t i = 0; sound.ok() && i < clients_.size(); ++i) sound = clients_[i]->OnOpened(world_);
  return sound;
}

absl::Status Simulation::Finish() {
  world_.trace.Add("the end:");
  world_.disk.SetSpace(SimDisk::Space::kEnough);
  for (int i = 0; i < 2; ++i) {
    EndProcess(End::kPowerCut);
    const absl::Status opened = world_.log.Open();
    if (!opened.ok()) return absl::InternalError(absl::StrCat("the log is not alive again: ", opened.ToString()));
    world_.reads_broken_before = world_.disk.failures().reads;
    absl::Status sound = CheckOpened(End::kPowerCut);
    if (!sound.ok()) return sound;
    auto request = std::make_shared<SimRequest>();
    request->client = "last";
    request->sender = clients_.front().get();
    request->what = SimAppend{{"alive"}, std::nullopt, std::nullopt, Durability::kFsync};
    world_.Send(request);
    sound = CommitGroup(1);
    if (sound.ok()) sound = CheckSegments(world_.model, world_.log);
    if (!sound.ok()) return sound;
    if (!request->status.ok()) return absl::InternalError("the log takes no appends on a sound disk");
  }
  return absl::OkStatus();
}

}  // namespace eventlog
