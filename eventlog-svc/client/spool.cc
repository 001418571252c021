#include "eventlog-svc/client/spool.h"

#include <algorithm>
#include <utility>

#include "absl/memory/memory.h"
#include "absl/strings/str_cat.h"
#include "absl/time/clock.h"
#include "eventlog-svc/client/spool_once_ids.h"
#include "glog/logging.h"

namespace eventlog {
namespace {

// Of one transaction: what one thread writes for others must not keep it for long.
constexpr int64_t kGroupBytesMax = 1024 * 1024;
constexpr size_t kGroupAdditionsMax = 1'000;
constexpr int kTriesMax = 3;

}  // namespace

absl::StatusOr<std::unique_ptr<Spool>> Spool::Open(SpoolOptions options, SpoolTarget target) {
  absl::StatusOr<std::unique_ptr<SpoolDatabase>> database = SpoolDatabase::Open(options, target);
  if (!database.ok()) return database.status();
  return absl::WrapUnique(new Spool(std::move(options), *std::move(database)));
}

absl::StatusOr<std::unique_ptr<Spool>> Spool::OpenExisting(SpoolOptions options) {
  absl::StatusOr<std::unique_ptr<SpoolDatabase>> database = SpoolDatabase::Open(options, std::nullopt);
  if (!database.ok()) return database.status();
  return absl::WrapUnique(new Spool(std::move(options), *std::move(database)));
}

Spool::Spool(SpoolOptions options, std::unique_ptr<SpoolDatabase> database)
    : options_(std::move(options)), target_(database->target()), database_(std::move(database)) {}

Spool::~Spool() = default;

Spool::Addition::Addition(absl::Span<const v1::Event> added) {
  events.reserve(added.size());
  for (const v1::Event& event : added) {
    events.push_back(event.SerializeAsString());
    new_bytes += static_cast<int64_t>(events.back().size());
  }
  new_events = static_cast<int64_t>(events.size());
}

absl::Status Spool::Add(absl::Span<const v1::Event> events, const std::function<bool()>& await_room, int64_t* dropped) {
  if (events.empty()) return absl::OkStatus();
  Addition addition(events);
  addition.waits_when_full = await_room != nullptr;
  AddInGroup(addition);
  while (addition.waits_when_full && addition.full) {
    addition.waits_when_full = await_room();
    AddInGroup(addition);
  }
  if (dropped != nullptr) *dropped = addition.dropped();
  return addition.status;
}

absl::Status Spool::AddOnce(absl::Span<const v1::Event> events) {
  if (events.empty()) return absl::OkStatus();
  Addition addition(events);
  for (const v1::Event& event : events) addition.once_ids.push_back(event.id());
  AddInGroup(addition);
  return addition.status;
}

void Spool::AddInGroup(Addition& addition) {
  std::vector<Addition*> group;
  {
    absl::MutexLock lock(&mutex_);
    addition.done = addition.full = false;
    waiting_.push_back(&addition);
    // Who is not done waits, or somebody writes for it: while nobody does, waiting_ is not empty here.
    const auto ready = [&]() ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_) {
      return addition.done || (!in_use_ && waiting_.front() == &addition);
    };
    mutex_.Await(absl::Condition(&ready));
    if (addition.done) return;
    in_use_ = true;
    group = TakeGroup();
  }
  Write(group);
  std::string burst_begins;  // why
  int64_t burst = 0;
  {
    absl::MutexLock lock(&mutex_);
    in_use_ = false;
    if (half_empty_) burst = burst_.End();
    for (Addition* const each : group) {
      losses_.displaced += each->displaced;
      const int64_t dropped = each->full && each->waits_when_full ? 0 : each->dropped();
      losses_.dropped += dropped;
      if (dropped > 0 && burst_.Add(dropped)) {
        burst_begins = each->status.ok() ? "the oldest make room for newer ones" : each->status.ToString();
      }
      each->done = true;  // with that its thread may go, and the addition with it
    }
  }
  LOG_IF(WARNING, burst > 0) << burst << " events were dropped, which is over: the spool " << options_.folder
                             << " has room again";
  LOG_IF(WARNING, !burst_begins.empty()) << "event dropped, and more until the spool " << options_.folder
                                         << " has room again: " << burst_begins;
}

std::vector<Spool::Addition*> Spool::TakeGroup() {
  std::vector<Addition*> group;
  int64_t bytes = 0;
  while (!waiting_.empty() && group.size() < kGroupAdditionsMax &&
         (group.empty() || bytes + waiting_.front()->new_bytes <= kGroupBytesMax)) {
    bytes += waiting_.front()->new_bytes;
    group.push_back(waiting_.front());
    waiting_.pop_front();
  }
  return group;
}

void Spool::Write(const std::vector<Addition*>& group) {
  int64_t unsaved = 0;
  const absl::Status status = WithCurrent([&] {
    unsaved = unsaved_dropped_;
    return WriteOnce(group, unsaved);
  });
  if (status.ok()) {
    unsaved_dropped_ = 0;
    for (const Addition* const addition : group) {
      if (addition->status.ok()) last_added_ = addition->last_id;
    }
    database_->Tell();
    return;
  }
  half_empty_ = false;
  for (Addition* const addition : group) {
    addition->status = status;
    addition->full = false;
    addition->displaced = 0;
    unsaved_dropped_ += addition->new_events;
  }
}

absl::Status Spool::WriteOnce(const std::vector<Addition*>& group, int64_t dropped) {
  SqliteDatabase& sqlite = database_->sqlite();
  return sqlite.Transact([&] {
    absl::StatusOr<Room> read = ReadRoom();
    if (!read.ok()) return read.status();
    Room& room = *read;
    room.dropped = dropped;
    const int64_t first_id = room.next_id;
    for (Addition* const addition : group) {
      if (absl::Status inserted = Insert(*addition, room); !inserted.ok()) return inserted;
    }
    half_empty_ = room.Fits(room.events, room.bytes, options_);
    return SqliteDatabase::Query(
               sqlite, "UPDATE state SET next_id = ?, events = ?, bytes = ?, added = added + ?, dropped = dropped + ?")
        .Bind(room.next_id)
        .Bind(room.events)
        .Bind(room.bytes)
        .Bind(room.next_id - first_id)
        .Bind(room.dropped)
        .Run();
  });
}

absl::StatusOr<Spool::Room> Spool::ReadRoom() {
  SqliteDatabase::Query query(database_->sqlite(), "SELECT next_id, events, bytes FROM state");
  const absl::StatusOr<bool> row = query.Step();
  if (!row.ok()) return row.status();
  if (!*row) return absl::DataLossError(absl::StrCat(options_.folder, ": the spool has lost its state"));
  Room room;
  room.next_id = query.Integer(0);
  room.events = query.Integer(1);
  room.bytes = query.Integer(2);
  return room;
}

absl::Status Spool::FindKnown(Addition& addition) {
  absl::StatusOr<std::vector<bool>> known = SpoolOnceIds(database_->sqlite()).Known(addition.once_ids);
  if (!known.ok()) return known.status();
  addition.known = *std::move(known);
  addition.new_events = addition.new_bytes = 0;
  for (size_t i = 0; i < addition.events.size(); ++i) {
    if (addition.known[i]) continue;
    ++addition.new_events;
    addition.new_bytes += static_cast<int64_t>(addition.events[i].size());
  }
  return absl::OkStatus();
}

absl::Status Spool::Insert(Addition& addition, Room& room) {
  addition.status = absl::OkStatus();
  addition.full = false;
  addition.displaced = 0;
  if (!addition.once_ids.empty()) {
    if (absl::Status found = FindKnown(addition); !found.ok()) return found;
  }
  const auto fits = [&](const Room& in) {
    return addition.new_events == 0 || in.Fits(addition.new_events, addition.new_bytes, options_);
  };
  if (options_.drop_oldest && fits(Room()) && !fits(room)) {
    if (absl::Status made = MakeRoom(addition, room); !made.ok()) return made;
  }
  if (!fits(room)) {
    addition.full = true;
    if (!addition.waits_when_full) room.dropped += addition.new_events;
    addition.status = absl::ResourceExhaustedError(
        absl::StrCat("the spool ", options_.folder, " is full: ", room.events, " events with ", room.bytes,
                     " bytes of ", options_.events_max, " and ", options_.bytes_max));
    return absl::OkStatus();
  }
  if (absl::Status inserted = InsertEvents(addition, room); !inserted.ok()) return inserted;
  addition.last_id = room.next_id - 1;
  return absl::OkStatus();
}

absl::Status Spool::InsertEvents(const Addition& addition, Room& room) {
  const int64_t now = absl::ToUnixMicros(absl::Now());
  for (size_t i = 0; i < addition.events.size(); ++i) {
    if (!addition.known.empty() && addition.known[i]) continue;
    const std::string& event = addition.events[i];
    absl::Status inserted = SqliteDatabase::Query(database_->sqlite(), "INSERT INTO events VALUES (?, ?, ?)")
                                .Bind(room.next_id)
                                .Bind(now)
                                .BindBytes(event)
                                .Run();
    if (inserted.ok() && !addition.once_ids.empty() && !addition.once_ids[i].empty()) {
      inserted = SpoolOnceIds(database_->sqlite()).Put(addition.once_ids[i]);
    }
    if (!inserted.ok()) return inserted;
    ++room.next_id;
    ++room.events;
    room.bytes += static_cast<int64_t>(event.size());
  }
  return absl::OkStatus();
}

// What was sent and is not answered stays: nobody knows whether the log has it. Where that alone leaves no room nothing
// is taken out.
absl::Status Spool::MakeRoom(Addition& addition, Room& room) {
  SqliteDatabase& sqlite = database_->sqlite();
  int64_t sent = 0;
  {
    SqliteDatabase::Query query(
        sqlite, "SELECT coalesce(max(last_id), 0), coalesce(sum(events), 0), coalesce(sum(bytes), 0) FROM batches");
    const absl::StatusOr<bool> row = query.Step();
    if (!row.ok()) return row.status();
    sent = query.Integer(0);
    const int64_t events = query.Integer(1) + addition.new_events;
    if (!Room().Fits(events, query.Integer(2) + addition.new_bytes, options_)) return absl::OkStatus();
  }
  int64_t last = sent;
  {
    SqliteDatabase::Query query(sqlite, "SELECT id, length(event) FROM events WHERE id > ? ORDER BY id");
    query.Bind(sent);
    while (!room.Fits(addition.new_events, addition.new_bytes, options_)) {
      const absl::StatusOr<bool> row = query.Step();
      if (!row.ok()) return row.status();
      if (!*row) break;
      last = query.Integer(0);
      --room.events;
      room.bytes -= query.Integer(1);
      ++room.dropped;
      ++addition.displaced;
    }
  }
  return SqliteDatabase::Query(sqlite, "DELETE FROM events WHERE id > ? AND id <= ?").Bind(sent).Bind(last).Run();
}

absl::Status Spool::WithCurrent(absl::FunctionRef<absl::Status()> work) {
  absl::Status status;
  for (int tries = 0; tries < kTriesMax; ++tries) {
    if (database_ != nullptr) {
      status = work();
      const bool damaged = absl::IsDataLoss(status);
      if (!damaged && database_->Current()) return status;
      if (damaged) {
        if (absl::Status aside = database_->SetAside(status); !aside.ok()) return aside;
      }
      database_.reset();
      // What is in a database that was set aside never leaves it.
      lost_with_database_ |= std::exchange(last_added_, 0) > 0;
    }
    absl::StatusOr<std::unique_ptr<SpoolDatabase>> opened = SpoolDatabase::Open(options_, target_);
    if (!opened.ok()) return opened.status();
    database_ = *std::move(opened);
  }
  return status.ok() ? absl::UnavailableError(absl::StrCat(options_.folder, " changes all the time")) : status;
}

absl::Status Spool::Query(absl::FunctionRef<absl::Status()> work) {
  {
    absl::MutexLock lock(&mutex_);
    mutex_.Await(absl::Condition(
        +[](bool* in_use) { return !*in_use; }, &in_use_));
    in_use_ = true;
  }
  const absl::Status status = WithCurrent(work);
  absl::MutexLock lock(&mutex_);
  in_use_ = false;
  return status;
}

absl::StatusOr<SpoolStats> Spool::Stats() {
  SpoolStats stats;
  const absl::Status status = Query([&] {
    SqliteDatabase::Query query(database_->sqlite(),
                                "SELECT events, bytes, added, acknowledged, rejected, dropped, "
                                "(SELECT added_us FROM events ORDER BY id LIMIT 1) FROM state");
    const absl::StatusOr<bool> row = query.Step();
    if (!row.ok()) return row.status();
    if (!*row) return absl::DataLossError(absl::StrCat(options_.folder, ": the spool has lost its state"));
    stats.events = query.Integer(0);
    stats.bytes = query.Integer(1);
    stats.added = query.Integer(2);
    stats.acknowledged = query.Integer(3);
    stats.rejected = query.Integer(4);
    stats.dropped = query.Integer(5) + unsaved_dropped_;
    if (stats.events > 0) stats.oldest = absl::FromUnixMicros(query.Integer(6));
    return absl::OkStatus();
  });
  if (!status.ok()) return status;
  return stats;
}

absl::StatusOr<bool> Spool::HasRoom(int64_t event_bytes) {
  bool fits = false;
  const absl::Status status = Query([&] {
    const absl::StatusOr<Room> room = ReadRoom();
    fits = room.ok() && room->Fits(1, event_bytes, options_);
    return room.status();
  });
  if (!status.ok()) return status;
  return fits;
}

Spool::Losses Spool::losses() const {
  absl::MutexLock lock(&mutex_);
  return losses_;
}

absl::StatusOr<bool> Spool::AllGone() {
  bool gone = false;
  bool lost = false;
  const absl::Status status = Query([&] {
    if (last_added_ > 0) {
      const absl::StatusOr<int64_t> first =
          database_->sqlite().Integer("SELECT coalesce((SELECT min(id) FROM events), (SELECT next_id FROM state))");
      if (!first.ok()) return first.status();
      // One that was set aside is not believed.
      if (*first > last_added_ && database_->Current()) last_added_ = 0;
    }
    gone = last_added_ == 0;
    lost = lost_with_database_;
    return absl::OkStatus();
  });
  if (!status.ok()) return status;
  if (!gone || !lost) return gone;
  return absl::DataLossError(absl::StrCat(options_.folder, ": a database was set aside with events that waited"));
}

absl::StatusOr<std::vector<Spool::RejectedEvent>> Spool::Rejected(int64_t events_max) {
  std::vector<RejectedEvent> rejected;
  const absl::Status status = Query([&] {
    rejected.clear();
    SqliteDatabase::Query query(database_->sqlite(),
                                "SELECT rejected_us, reason, event FROM rejected ORDER BY id DESC LIMIT ?");
    query.Bind(events_max);
    while (true) {
      const absl::StatusOr<bool> row = query.Step();
      if (!row.ok()) return row.status();
      if (!*row) return absl::OkStatus();
      RejectedEvent& event = rejected.emplace_back();
      event.time = absl::FromUnixMicros(query.Integer(0));
      event.reason = std::string(query.Bytes(1));
      const absl::string_view bytes = query.Bytes(2);
      event.event.ParseFromArray(bytes.data(), static_cast<int>(bytes.size()));
    }
  });
  if (!status.ok()) return status;
  return rejected;
}

}  // namespace eventlog
