#include "eventlog-svc/engine/cursor_table.h"

#include <algorithm>
#include <limits>
#include <utility>

#include "absl/strings/str_cat.h"
#include "eventlog-svc/engine/error.h"

namespace eventlog {
namespace {

absl::Status NotFound(absl::string_view name) {
  return Error(
      absl::StatusCode::kNotFound, "CURSOR_NOT_FOUND",
      absl::StrCat("there is no cursor \"", name, "\"; ResetCursor, or CommitCursor with generation 0, creates it"),
      {{"cursor", std::string(name)}});
}

absl::Status Fenced(const Cursor& cursor, int64_t generation) {
  return Error(
      absl::StatusCode::kFailedPrecondition, "CURSOR_FENCED",
      absl::StrCat("cursor \"", cursor.name, "\" is at generation ", cursor.generation, ", not ", generation,
                   ": another subscription took it, or it was reset"),
      {{"cursor", cursor.name}, {"expected", absl::StrCat(cursor.generation)}, {"actual", absl::StrCat(generation)}});
}

absl::Status CheckPlace(int64_t next_offset, const LogBounds& bounds) {
  if (next_offset >= 0 && next_offset <= bounds.head_offset) return absl::OkStatus();
  return Error(
      absl::StatusCode::kOutOfRange, "OFFSET_OUT_OF_RANGE",
      absl::StrCat("a cursor at ", next_offset, " lies outside of the log, whose head is ", bounds.head_offset),
      {{"offset", absl::StrCat(next_offset)}, {"head_offset", absl::StrCat(bounds.head_offset)}});
}

storage::v1::Cursor ToStored(const Cursor& cursor) {
  storage::v1::Cursor stored;
  stored.set_cursor(cursor.name);
  stored.set_next_offset(cursor.next_offset);
  stored.set_generation(cursor.generation);
  stored.set_commit_time_ns(absl::ToUnixNanos(cursor.commit_time));
  return stored;
}

Cursor FromStored(const storage::v1::Cursor& stored) {
  return {stored.cursor(), stored.next_offset(), stored.generation(), absl::FromUnixNanos(stored.commit_time_ns())};
}

}  // namespace

std::optional<Cursor> CursorTable::Current(const std::string& name) const {
  if (const auto staged = staged_.find(name); staged != staged_.end()) return staged->second;
  if (const auto known = cursors_.find(name); known != cursors_.end()) return known->second;
  return std::nullopt;
}

absl::StatusOr<Cursor> CursorTable::Put(Cursor cursor) {
  if (!Current(cursor.name).has_value()) {
    if (cursors_.size() + static_cast<size_t>(staged_new_) >= kCursorsMax) {
      return Error(absl::StatusCode::kResourceExhausted, "QUOTA_EXCEEDED",
                   absl::StrCat("the log has ", kCursorsMax, " cursors, which is all that it can have: delete one"),
                   {{"cursor", cursor.name}});
    }
    ++staged_new_;
  }
  staged_[cursor.name] = cursor;
  return cursor;
}

absl::StatusOr<Cursor> CursorTable::Commit(const CommitCursor& change, const LogBounds& bounds, absl::Time now) {
  const absl::Status in_log = CheckPlace(change.next_offset, bounds);
  if (!in_log.ok()) return in_log;
  const int64_t next_offset = std::max(change.next_offset, bounds.start_offset);
  std::optional<Cursor> cursor = Current(change.name);
  if (!cursor.has_value()) {
    if (change.generation != 0) return NotFound(change.name);
    return Put({change.name, next_offset, 0, now});
  }
  if (change.generation != cursor->generation) return Fenced(*cursor, change.generation);
  if (next_offset <= cursor->next_offset) return *std::move(cursor);
  cursor->next_offset = next_offset;
  cursor->commit_time = now;
  return Put(*std::move(cursor));
}

absl::StatusOr<Cursor> CursorTable::Take(const TakeCursor& change) {
  std::optional<Cursor> cursor = Current(change.name);
  if (!cursor.has_value()) return NotFound(change.name);
  staged_generation_ = std::max(staged_generation_, last_generation_) + 1;
  cursor->generation = staged_generation_;
  return Put(*std::move(cursor));
}

absl::StatusOr<Cursor> CursorTable::Reset(const ResetCursor& change, const LogBounds& bounds, absl::Time now) {
  const absl::Status in_log = CheckPlace(change.next_offset, bounds);
  if (!in_log.ok()) return in_log;
  return Put({change.name, std::max(change.next_offset, bounds.start_offset), 0, now});
}

absl::StatusOr<Cursor> CursorTable::Delete(const DeleteCursor& change) {
  std::optional<Cursor> cursor = Current(change.name);
  if (!cursor.has_value()) return NotFound(change.name);
  staged_[change.name] = std::nullopt;
  --staged_new_;
  return *std::move(cursor);
}

void CursorTable::Describe(storage::v1::StateChange& out) const {
  for (const auto& [name, cursor] : staged_) {
    if (cursor.has_value()) {
      *out.add_cursors() = ToStored(*cursor);
    } else {
      out.add_deleted_cursors(name);
    }
  }
  if (staged_generation_ > 0) out.set_last_generation(staged_generation_);
}

void CursorTable::CommitStaged() {
  for (auto& [name, cursor] : staged_) {
    if (cursor.has_value()) {
      cursors_[name] = *std::move(cursor);
    } else {
      cursors_.erase(name);
    }
  }
  last_generation_ = std::max(last_generation_, staged_generation_);
  DropStaged();
}

void CursorTable::DropStaged() {
  staged_.clear();
  staged_generation_ = 0;
  staged_new_ = 0;
}

int64_t CursorTable::FirstOffset() const {
  int64_t first = std::numeric_limits<int64_t>::max();
  for (const auto& [name, cursor] : cursors_) {
    if (!staged_.contains(name)) first = std::min(first, cursor.next_offset);
  }
  for (const auto& [name, cursor] : staged_) {
    if (cursor.has_value()) first = std::min(first, cursor->next_offset);
  }
  return first;
}

absl::StatusOr<Cursor> CursorTable::Find(absl::string_view name) const {
  const auto known = cursors_.find(std::string(name));
  if (known == cursors_.end()) return NotFound(name);
  return known->second;
}

std::vector<Cursor> CursorTable::List() const {
  std::vector<Cursor> list;
  list.reserve(cursors_.size());
  for (const auto& [name, cursor] : cursors_) list.push_back(cursor);
  return list;
}

void CursorTable::Serialize(storage::v1::LogState& out) const {
  for (const auto& [name, cursor] : cursors_) *out.add_cursors() = ToStored(cursor);
  out.set_last_generation(last_generation_);
}

void CursorTable::Restore(const storage::v1::LogState& state) {
  DropStaged();
  cursors_.clear();
  for (const storage::v1::Cursor& stored : state.cursors()) cursors_[stored.cursor()] = FromStored(stored);
  last_generation_ = state.last_generation();
}

void CursorTable::Replay(const storage::v1::StateChange& change) {
  for (const std::string& name : change.deleted_cursors()) cursors_.erase(name);
  for (const storage::v1::Cursor& stored : change.cursors()) cursors_[stored.cursor()] = FromStored(stored);
  last_generation_ = std::max(last_generation_, change.last_generation());
}

}  // namespace eventlog
