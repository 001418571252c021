#include "eventlog-svc/engine/log_state.h"

#include <algorithm>
#include <utility>
#include <variant>

#include "absl/strings/str_cat.h"
#include "eventlog-svc/engine/error.h"
#include "proto/eventlog/storage/v1/log_state.pb.h"

namespace eventlog {
namespace {

absl::Status Unreadable() {
  return Error(absl::StatusCode::kDataLoss, "DATA_CORRUPT", "the stored state of the log cannot be read");
}

void ToStored(const LogSettings& settings, storage::v1::Settings& stored) {
  stored.set_max_age_ns(absl::ToInt64Nanoseconds(settings.age_max));
  stored.set_max_bytes(settings.bytes_max);
  stored.set_max_records(settings.records_max);
  stored.set_keep_for_cursors(settings.keep_for_cursors);
  stored.set_max_event_bytes(settings.event_bytes_max);
  stored.set_max_batch_bytes(settings.batch_bytes_max);
  stored.set_default_durability(static_cast<int32_t>(settings.default_durability));
  stored.set_create_time_ns(absl::ToUnixNanos(settings.create_time));
}

LogSettings FromStored(const storage::v1::Settings& stored) {
  LogSettings settings;
  settings.age_max = absl::Nanoseconds(stored.max_age_ns());
  settings.bytes_max = stored.max_bytes();
  settings.records_max = stored.max_records();
  settings.keep_for_cursors = stored.keep_for_cursors();
  settings.event_bytes_max = stored.max_event_bytes();
  settings.batch_bytes_max = stored.max_batch_bytes();
  settings.default_durability = static_cast<Durability>(stored.default_durability());
  settings.create_time = absl::FromUnixNanos(stored.create_time_ns());
  return settings;
}

}  // namespace

absl::StatusOr<Cursor> LogState::StageTrim(const TrimLog& change, const LogBounds& bounds) {
  if (change.next_offset < 0 || change.next_offset > bounds.head_offset) {
    return Error(absl::StatusCode::kOutOfRange, "OFFSET_OUT_OF_RANGE",
                 absl::StrCat("the log cannot begin at ", change.next_offset, ": its head is ", bounds.head_offset),
                 {{"offset", absl::StrCat(change.next_offset)}, {"head_offset", absl::StrCat(bounds.head_offset)}});
  }
  const int64_t start = change.retention.has_value() ? Retained(change) : change.next_offset;
  if (start > std::max(bounds.start_offset, staged_start_.value_or(0))) staged_start_ = start;
  return Cursor{};
}

int64_t LogState::Retained(const TrimLog& change) const {
  absl::MutexLock lock(&mutex_);
  const LogSettings& now = staged_settings_.has_value() ? *staged_settings_ : settings_;
  const LogSettings& then = *change.retention;
  if (now.age_max != then.age_max || now.bytes_max != then.bytes_max || now.records_max != then.records_max ||
      now.keep_for_cursors != then.keep_for_cursors) {
    return 0;
  }
  return now.keep_for_cursors ? std::min(change.next_offset, cursors_.FirstOffset()) : change.next_offset;
}

absl::StatusOr<Cursor> LogState::Stage(const LogChange& change, const LogBounds& bounds, absl::Time now) {
  if (const auto* trim = std::get_if<TrimLog>(&change)) return StageTrim(*trim, bounds);
  absl::MutexLock lock(&mutex_);
  if (const auto* commit = std::get_if<CommitCursor>(&change)) return cursors_.Commit(*commit, bounds, now);
  if (const auto* take = std::get_if<TakeCursor>(&change)) return cursors_.Take(*take);
  if (const auto* reset = std::get_if<ResetCursor>(&change)) return cursors_.Reset(*reset, bounds, now);
  if (const auto* gone = std::get_if<DeleteCursor>(&change)) return cursors_.Delete(*gone);
  staged_settings_ = std::get<ChangeSettings>(change).settings;
  staged_settings_->create_time = settings_.create_time;
  return Cursor{};
}

std::string LogState::DescribeStaged() const {
  absl::MutexLock lock(&mutex_);
  if (!staged_start_.has_value() && !staged_settings_.has_value() && !cursors_.has_staged()) return "";
  storage::v1::StateChange change;
  if (staged_start_.has_value()) change.set_start_offset(*staged_start_);
  if (staged_settings_.has_value()) ToStored(*staged_settings_, *change.mutable_settings());
  cursors_.Describe(change);
  return change.SerializeAsString();
}

void LogState::CommitStaged() {
  producers_.CommitStaged();
  absl::MutexLock lock(&mutex_);
  cursors_.CommitStaged();
  if (staged_start_.has_value()) start_offset_ = *staged_start_;
  if (staged_settings_.has_value()) settings_ = *staged_settings_;
  staged_start_.reset();
  staged_settings_.reset();
}

void LogState::DropStaged() {
  producers_.DropStaged();
  staged_start_.reset();
  staged_settings_.reset();
  absl::MutexLock lock(&mutex_);
  cursors_.DropStaged();
}

std::string LogState::Serialize() const {
  storage::v1::LogState state;
  state.set_producers(producers_.Serialize());
  {
    absl::MutexLock lock(&mutex_);
    cursors_.Serialize(state);
    state.set_start_offset(start_offset_);
    ToStored(settings_, *state.mutable_settings());
  }
  // Without the lock, which every append asks for the settings: the producers may be many.
  return state.SerializeAsString();
}

absl::Status LogState::Restore(absl::string_view bytes) {
  storage::v1::LogState state;
  if (!state.ParseFromArray(bytes.data(), static_cast<int>(bytes.size()))) return Unreadable();
  const absl::Status restored = producers_.Restore(state.producers());
  if (!restored.ok()) return restored;
  absl::MutexLock lock(&mutex_);
  cursors_.Restore(state);
  start_offset_ = state.start_offset();
  settings_ = FromStored(state.settings());
  return absl::OkStatus();
}

absl::Status LogState::Replay(const BatchHeader& header, absl::string_view body) {
  if (header.count > 0) {
    if (!header.producer.has_value()) return absl::OkStatus();
    producers_.Stage(*header.producer, header.count, header.base_offset, header.append_time);
    producers_.CommitStaged();
    return absl::OkStatus();
  }
  storage::v1::StateChange change;
  if (!change.ParseFromArray(body.data(), static_cast<int>(body.size()))) return Unreadable();
  absl::MutexLock lock(&mutex_);
  cursors_.Replay(change);
  if (change.has_start_offset()) start_offset_ = change.start_offset();
  if (change.has_settings()) settings_ = FromStored(change.settings());
  return absl::OkStatus();
}

int64_t LogState::start_offset() const {
  absl::MutexLock lock(&mutex_);
  return start_offset_;
}

LogSettings LogState::settings() const {
  absl::MutexLock lock(&mutex_);
  return settings_;
}

absl::StatusOr<Cursor> LogState::FindCursor(absl::string_view name) const {
  absl::MutexLock lock(&mutex_);
  return cursors_.Find(name);
}

std::vector<Cursor> LogState::cursors() const {
  absl::MutexLock lock(&mutex_);
  return cursors_.List();
}

}  // namespace eventlog
