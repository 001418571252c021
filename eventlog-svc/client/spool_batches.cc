#include "eventlog-svc/client/spool_batches.h"

#include <algorithm>

#include "absl/memory/memory.h"
#include "absl/strings/str_cat.h"
#include "absl/time/clock.h"
#include "glog/logging.h"

namespace eventlog {
namespace {

using Query = SqliteDatabase::Query;

constexpr int64_t kFreePagesKept = 1'024;

absl::Status Lost(absl::string_view what) { return absl::DataLossError(absl::StrCat("the spool has lost ", what)); }

}  // namespace

SpoolBatches::Outline SpoolBatches::OutlineOf(const Batch& batch) {
  return {batch.entries.front().spool_id, batch.entries.back().spool_id, static_cast<int64_t>(batch.entries.size()),
          batch.bytes, batch.first_sequence};
}

absl::StatusOr<std::unique_ptr<SpoolBatches>> SpoolBatches::Open(const SpoolOptions& options,
                                                                 const std::optional<SpoolTarget>& target,
                                                                 const AppendQueueOptions& queue) {
  absl::StatusOr<std::unique_ptr<SpoolDatabase>> database = SpoolDatabase::Open(options, target);
  if (!database.ok()) return database.status();
  absl::Status set = (*database)->sqlite().Execute("PRAGMA wal_autocheckpoint = 1000");
  if (!set.ok()) return set;
  // Here, as one process at a time sends: those who add come by the thousand, and must not wait.
  (*database)->RemoveOldDrafts();
  auto batches = absl::WrapUnique(new SpoolBatches(*std::move(database), queue));
  const absl::Status read = batches->ReadNumbering();
  if (read.ok()) return batches;
  // Nobody who adds looks there: the spool would fill, and never be sent.
  if (absl::IsDataLoss(read) && target.has_value()) {
    if (absl::Status aside = batches->database().SetAside(read); !aside.ok()) return aside;
  }
  return read;
}

absl::Status SpoolBatches::ReadNumbering() {
  SqliteDatabase& sqlite = database_->sqlite();
  int64_t unanswered = 0;
  {
    Query query(sqlite,
                "SELECT producer, epoch, next_sequence, (SELECT count(*) FROM batches), "
                "(SELECT coalesce(max(last_id), 0) FROM batches) FROM state");
    const absl::StatusOr<bool> row = query.Step();
    if (!row.ok()) return row.status();
    if (!*row) return Lost("its state");
    numbering_ = {std::string(query.Bytes(0)), query.Integer(1), query.Integer(2)};
    unanswered = query.Integer(3);
    last_id_ = query.Integer(4);
  }
  inherited_ = unanswered > 0;
  if (!inherited_) BeginEpoch();
  return absl::OkStatus();
}

// It is written with the first batch.
void SpoolBatches::BeginEpoch() {
  numbering_.epoch = std::max(numbering_.epoch + 1, absl::ToUnixMicros(absl::Now()));
  numbering_.next_sequence = 0;
}

absl::StatusOr<std::vector<SpoolBatches::Batch>> SpoolBatches::Unanswered() {
  std::vector<Batch> batches;
  std::vector<Outline> outlines;
  {
    Query query(database_->sqlite(),
                "SELECT first_id, last_id, events, bytes, first_sequence FROM batches ORDER BY first_id");
    for (absl::StatusOr<bool> row = query.Step();; row = query.Step()) {
      if (!row.ok()) return row.status();
      if (!*row) break;
      outlines.push_back({query.Integer(0), query.Integer(1), query.Integer(2), query.Integer(3), query.Integer(4)});
      batches.emplace_back().first_sequence = query.Integer(4);
    }
  }
  for (size_t i = 0; i < batches.size(); ++i) {
    absl::Status read = ReadEvents(outlines[i].first_id, outlines[i].last_id, /*bounded=*/false, batches[i]);
    if (!read.ok()) return read;
    if (static_cast<int64_t>(batches[i].entries.size()) != outlines[i].events ||
        batches[i].bytes != outlines[i].bytes) {
      return Lost("an event of a batch that may have been sent");
    }
  }
  return batches;
}

absl::Status SpoolBatches::ReadEvents(int64_t first_id, int64_t last_id, bool bounded, Batch& batch) {
  Query query(database_->sqlite(), "SELECT id, event FROM events WHERE id >= ? AND id <= ? ORDER BY id");
  query.Bind(first_id).Bind(last_id);
  while (!bounded || batch.entries.size() < static_cast<size_t>(queue_.batch_events_max)) {
    const absl::StatusOr<bool> row = query.Step();
    if (!row.ok()) return row.status();
    if (!*row) break;
    const absl::string_view bytes = query.Bytes(1);
    const auto size = static_cast<int64_t>(bytes.size());
    if (bounded && !batch.entries.empty() && batch.bytes + size > queue_.batch_bytes_max) break;
    AppendQueue::Entry& entry = batch.entries.emplace_back();
    entry.spool_id = query.Integer(0);
    entry.bytes = size;
    if (!entry.event.ParseFromArray(bytes.data(), static_cast<int>(bytes.size()))) return Lost("the bytes of an event");
    batch.bytes += size;
  }
  return absl::OkStatus();
}

absl::StatusOr<std::optional<SpoolBatches::Batch>> SpoolBatches::Next(bool only_full) {
  SqliteDatabase& sqlite = database_->sqlite();
  {
    // Most often there is nothing, which is seen without a transaction that writes.
    const absl::StatusOr<int64_t> next_id = sqlite.Integer("SELECT next_id FROM state");
    if (!next_id.ok()) return next_id.status();
    if (*next_id <= last_id_ + (only_full ? queue_.batch_events_max : 1)) return std::nullopt;
  }
  if (inherited_) {
    const absl::StatusOr<int64_t> unanswered = sqlite.Integer("SELECT count(*) FROM batches");
    if (!unanswered.ok()) return unanswered.status();
    if (*unanswered > 0) return std::nullopt;
    inherited_ = false;
    BeginEpoch();
  }
  Batch batch;
  Numbering numbering = numbering_;
  const absl::Status status = sqlite.Transact([&] {
    if (absl::Status read = ReadEvents(last_id_ + 1, INT64_MAX, /*bounded=*/true, batch); !read.ok()) return read;
    if (batch.entries.empty()) return absl::OkStatus();
    batch.first_sequence = numbering.next_sequence;
    numbering.next_sequence += static_cast<int64_t>(batch.entries.size());
    if (absl::Status inserted = Insert(OutlineOf(batch)); !inserted.ok()) return inserted;
    return WriteNumbering(numbering);
  });
  if (!status.ok()) return status;
  if (batch.entries.empty()) return std::nullopt;
  numbering_ = numbering;
  last_id_ = batch.entries.back().spool_id;
  return batch;
}

absl::Status SpoolBatches::Insert(const Outline& batch) {
  return Query(database_->sqlite(), "INSERT INTO batches VALUES (?, ?, ?, ?, ?)")
      .Bind(batch.first_id)
      .Bind(batch.last_id)
      .Bind(batch.events)
      .Bind(batch.bytes)
      .Bind(batch.first_sequence)
      .Run();
}

absl::Status SpoolBatches::WriteNumbering(const Numbering& numbering) {
  return Query(database_->sqlite(), "UPDATE state SET producer = ?, epoch = ?, next_sequence = ?")
      .BindText(numbering.producer_id)
      .Bind(numbering.epoch)
      .Bind(numbering.next_sequence)
      .Run();
}

absl::Status SpoolBatches::Delete(const Outline& batch) {
  absl::Status deleted = Query(database_->sqlite(), "DELETE FROM events WHERE id >= ? AND id <= ?")
                             .Bind(batch.first_id)
                             .Bind(batch.last_id)
                             .Run();
  if (!deleted.ok()) return deleted;
  return Query(database_->sqlite(), "DELETE FROM batches WHERE first_id = ?").Bind(batch.first_id).Run();
}

absl::Status SpoolBatches::Acknowledge(const std::vector<Outline>& answered) {
  if (answered.empty()) return absl::OkStatus();
  SqliteDatabase& sqlite = database_->sqlite();
  const absl::Status status = sqlite.Transact([&] {
    int64_t events = 0, bytes = 0;
    for (const Outline& batch : answered) {
      if (absl::Status deleted = Delete(batch); !deleted.ok()) return deleted;
      events += batch.events;
      bytes += batch.bytes;
    }
    return Query(sqlite, "UPDATE state SET events = events - ?, bytes = bytes - ?, acknowledged = acknowledged + ?")
        .Bind(events)
        .Bind(bytes)
        .Bind(events)
        .Run();
  });
  if (!status.ok()) return status;
  database_->Tell();
  // Space that a long outage took is given back bit by bit; a little is kept, which the next events take.
  const absl::StatusOr<int64_t> free_pages = sqlite.Integer("PRAGMA freelist_count");
  if (!free_pages.ok() || *free_pages < kFreePagesKept) return absl::OkStatus();
  const absl::Status vacuumed = sqlite.Execute("PRAGMA incremental_vacuum(256)");
  LOG_IF_EVERY_N(WARNING, !vacuumed.ok(), 100) << "the spool's file does not get smaller: " << vacuumed;
  return absl::OkStatus();
}

absl::Status SpoolBatches::Replace(const Numbering& numbering, const std::vector<Outline>& batches,
                                   const std::vector<Refusal>& refused) {
  const absl::Status status = database_->sqlite().Transact([&] {
    for (const Refusal& refusal : refused) {
      if (absl::Status rejected = Reject(refusal); !rejected.ok()) return rejected;
    }
    if (absl::Status cleared = database_->sqlite().Execute("DELETE FROM batches"); !cleared.ok()) return cleared;
    for (const Outline& batch : batches) {
      if (absl::Status inserted = Insert(batch); !inserted.ok()) return inserted;
    }
    return WriteNumbering(numbering);
  });
  if (!status.ok()) return status;
  numbering_ = numbering;
  database_->Tell();
  return absl::OkStatus();
}

absl::Status SpoolBatches::Reject(const Refusal& refusal) {
  SqliteDatabase& sqlite = database_->sqlite();
  const Outline& batch = refusal.batch;
  absl::Status status =
      Query(sqlite, "INSERT INTO rejected SELECT id, ?, ?, event FROM events WHERE id >= ? AND id <= ?")
          .Bind(absl::ToUnixMicros(absl::Now()))
          .BindText(refusal.reason)
          .Bind(batch.first_id)
          .Bind(batch.last_id)
          .Run();
  if (!status.ok()) return status;
  if (status = Delete(batch); !status.ok()) return status;
  status = Query(sqlite, "UPDATE state SET events = events - ?, bytes = bytes - ?, rejected = rejected + ?")
               .Bind(batch.events)
               .Bind(batch.bytes)
               .Bind(batch.events)
               .Run();
  if (!status.ok()) return status;
  // The newest that are within both bounds stay.
  return Query(sqlite,
               "DELETE FROM rejected WHERE id NOT IN (SELECT id FROM (SELECT id, "
               "sum(length(event)) OVER (ORDER BY id DESC) AS bytes, row_number() OVER (ORDER BY id DESC) AS place "
               "FROM rejected) WHERE bytes <= ? AND place <= ?)")
      .Bind(kRejectedBytesMax)
      .Bind(kRejectedEventsMax)
      .Run();
}

}  // namespace eventlog
