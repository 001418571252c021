// The cursors of a log: named places that consumers have come to, each held by at most one subscription at a time.
//
// A cursor is fenced by its generation, as a consumer group of Kafka is (KIP-345 has the terms): who takes the cursor
// gets a new one, and commits with any other are refused. Generations are given once in the life of a log, also when a
// cursor is deleted and made anew.

#ifndef EVENTLOG_SVC_ENGINE_CURSOR_TABLE_H_
#define EVENTLOG_SVC_ENGINE_CURSOR_TABLE_H_

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "absl/container/btree_map.h"
#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "absl/time/time.h"
#include "eventlog-svc/engine/log.h"
#include "proto/eventlog/storage/v1/log_state.pb.h"

namespace eventlog {

// Not thread safe. What a group of changes does is staged until the group is written, then committed or dropped. The
// errors are those of the changes (engine/log.h).
class CursorTable {
 public:
  // More cursors of a log are refused with QUOTA_EXCEEDED.
  static constexpr size_t kCursorsMax = 1000;

  // `bounds` are the published ones; `now` becomes the commit time. The cursor as it is then.
  absl::StatusOr<Cursor> Commit(const CommitCursor& change, const LogBounds& bounds, absl::Time now);
  absl::StatusOr<Cursor> Take(const TakeCursor& change);
  absl::StatusOr<Cursor> Reset(const ResetCursor& change, const LogBounds& bounds, absl::Time now);
  absl::StatusOr<Cursor> Delete(const DeleteCursor& change);

  bool has_staged() const { return !staged_.empty(); }
  // Adds what is staged to `out`.
  void Describe(storage::v1::StateChange& out) const;
  void CommitStaged();
  void DropStaged();

  // The first place of all cursors, with what is staged; beyond all offsets when there is none.
  int64_t FirstOffset() const;

  // What is committed, by name.
  absl::StatusOr<Cursor> Find(absl::string_view name) const;
  std::vector<Cursor> List() const;

  // The committed content as it is stored, and back.
  void Serialize(storage::v1::LogState& out) const;
  void Restore(const storage::v1::LogState& state);
  void Replay(const storage::v1::StateChange& change);

 private:
  // As it is with what is staged; nothing when there is none.
  std::optional<Cursor> Current(const std::string& name) const;
  absl::StatusOr<Cursor> Put(Cursor cursor);

  absl::btree_map<std::string, Cursor> cursors_;
  int64_t last_generation_ = 0;
  // By name; nothing: it is deleted.
  absl::btree_map<std::string, std::optional<Cursor>> staged_;
  int64_t staged_generation_ = 0;
  int64_t staged_new_ = 0;  // cursors more than committed
};

}  // namespace eventlog

#endif  // EVENTLOG_SVC_ENGINE_CURSOR_TABLE_H_
