// The log as the RPC layer sees it, whatever engine keeps it.
//
// An engine deals in wire bytes: events come in as serialized eventlog.v1.Event, records go out as runs of serialized
// eventlog.v1.Record, each with its field tag and length, so that a run is byte for byte the `records` field (number 1)
// of SubscribeResponse.Batch and of ReadResponse. Nothing between the committer and the socket parses an event again.
//
// Intervals are half open; the exclusive end is called next_offset. Errors carry an ErrorInfo (engine/error.h).

#ifndef EVENTLOG_SVC_ENGINE_LOG_H_
#define EVENTLOG_SVC_ENGINE_LOG_H_

#include <atomic>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <variant>
#include <vector>

#include "absl/functional/any_invocable.h"
#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "absl/time/time.h"
#include "eventlog-svc/engine/event_list.h"

namespace eventlog {

// How safe an acknowledged append is, weakest first. kDefault asks for the best that the engine does by default.
enum class Durability { kDefault = 0, kMemory = 1, kFsync = 2, kReplicated = 3 };

// A producer's numbering of a batch: its first event has first_sequence, the others follow one by one.
struct ProducerSequence {
  std::string id;
  int64_t epoch = 0;
  int64_t first_sequence = 0;
};

// Ties the batches of one stream together: after one of them is refused, those behind it are refused with
// PRIOR_APPEND_FAILED, also when they are in the queue already. One stream on one log; changed by the engine only.
struct AppendOrder {
  std::atomic<bool> shut_out = false;  // a batch was not let into the queue: set before it is refused
  // The committing thread's:
  bool broken = false;       // a batch that was in the queue was refused
  bool awaits_sync = false;  // a batch of the group that is under way is not answered before its sync
};

// Events to be appended together, all or none.
struct AppendBatch {
  EventList events;
  // Append only if the log's head is this offset, else kAborted, OFFSET_MISMATCH.
  std::optional<int64_t> expected_next_offset;
  std::optional<ProducerSequence> producer;
  Durability durability = Durability::kDefault;
  // Set for the batches of a stream.
  std::shared_ptr<AppendOrder> order;
};

struct AppendResult {
  int64_t first_offset = 0;
  int64_t next_offset = 0;
  absl::Time append_time;
  // The durability reached.
  Durability durability = Durability::kDefault;
  // The batch was there already; the offsets are those that it got then.
  bool duplicate = false;
};

// Called exactly once, on a thread of the engine or on the caller's: must return soon and must not wait for the log.
using AppendCallback = absl::AnyInvocable<void(absl::StatusOr<AppendResult>)>;

// What a log keeps and takes. 0, and a zero duration: no limit of its own.
struct LogSettings {
  absl::Duration age_max;
  int64_t bytes_max = 0;
  int64_t records_max = 0;
  bool keep_for_cursors = false;
  int64_t event_bytes_max = 0;
  int64_t batch_bytes_max = 0;
  // What an append gets that asks for none; kDefault: the engine's best.
  Durability default_durability = Durability::kDefault;
  absl::Time create_time;
};

// A named place in the log: what comes next for its consumer.
struct Cursor {
  std::string name;
  int64_t next_offset = 0;
  // The subscription that took it last; 0 when none has since it was created or reset. Given once in a log's life.
  int64_t generation = 0;
  absl::Time commit_time;
};

// The changes of a log's state. Ordered with the appends, and durable as they are.

// Moves forward; creates with generation 0. kFailedPrecondition CURSOR_FENCED; kNotFound CURSOR_NOT_FOUND, with a
// generation; kOutOfRange beyond the head; kResourceExhausted QUOTA_EXCEEDED.
struct CommitCursor {
  std::string name;
  int64_t next_offset = 0;
  int64_t generation = 0;
};
// Gives the cursor a new generation. kNotFound CURSOR_NOT_FOUND.
struct TakeCursor {
  std::string name;
};
// Puts it anywhere, or creates it; its generation is 0 then.
struct ResetCursor {
  std::string name;
  int64_t next_offset = 0;
};
struct DeleteCursor {
  std::string name;
};
// Removes all before next_offset; nothing happens when that is removed. kOutOfRange beyond the head.
struct TrimLog {
  int64_t next_offset = 0;
  // Of a trim that retention asks for: the settings that it was decided by. When the log has others by now nothing is
  // trimmed; nor is what a cursor needs, where they say so.
  std::optional<LogSettings> retention = std::nullopt;
};
struct ChangeSettings {
  LogSettings settings;  // create_time stays as it is
};
using LogChange = std::variant<CommitCursor, TakeCursor, ResetCursor, DeleteCursor, TrimLog, ChangeSettings>;

// As AppendCallback. The cursor as it is after a change of a cursor; nothing after the others.
using ChangeCallback = absl::AnyInvocable<void(absl::StatusOr<Cursor>)>;

struct LogBounds {
  int64_t start_offset = 0;  // the oldest kept
  int64_t head_offset = 0;   // the next to be given; all before it is kept as safely as was promised
};

struct LogSize {
  LogBounds bounds;
  int64_t record_count = 0;
  int64_t byte_count = 0;  // stored bytes, headers of batches included
  std::optional<absl::Time> oldest_append_time;
  std::optional<absl::Time> newest_append_time;
};

enum class GapReason { kTrimmed = 1, kCorrupt = 2, kUnavailable = 3 };

// A range that cannot be delivered.
struct Gap {
  int64_t start_offset = 0;
  int64_t next_offset = 0;
  GapReason reason = GapReason::kCorrupt;
};

enum class Direction { kForward, kBackward };

struct ReadOptions {
  // Forward: the first offset wanted. Backward: the offset behind the last one wanted.
  int64_t from = 0;
  Direction direction = Direction::kForward;
  // At least one record is returned when there is one, however large.
  int64_t records_max = 1000;
  size_t bytes_max = 256 * 1024;
  // Forward: the page ends before an append that does not fit as a whole, unless it would be empty, and not in it.
  bool whole_runs = false;
};

// Records that were appended together, or some of them: neighbours in RecordPage::wire, with offsets that follow each
// other.
struct RecordRun {
  int64_t base_offset = 0;
  int64_t count = 0;
  absl::Time append_time;
  size_t position = 0;  // of the first one's field tag
  size_t size = 0;      // tags and lengths included

  int64_t next_offset() const { return base_offset + count; }
};

// One step of a scan: records, or a gap, or nothing (the end of the log in this direction).
struct RecordPage {
  // Ascending, in both directions: field 1, tag and length included, for each record.
  std::string wire;
  std::vector<RecordRun> runs;
  // Set only when there are no records.
  std::optional<Gap> gap;
  // Where the scan goes on: `from` of the next call in the same direction.
  int64_t next_offset = 0;

  bool empty() const { return runs.empty(); }
  int64_t record_count() const {
    int64_t count = 0;
    for (const RecordRun& run : runs) count += run.count;
    return count;
  }
};

// Hears that a log has something new for its readers: the head moved, a cursor was taken, the log was deleted. Called
// with no lock held, on the engine's committing thread as a rule: must only leave a note and return.
class Log;
class LogListener {
 public:
  virtual ~LogListener() = default;
  virtual void OnLogChanged(const Log& log) = 0;
};

// One log. All methods may be called from any thread. Shared with its Engine: one that was deleted lives on, closed, as
// long as somebody reads it.
class Log {
 public:
  virtual ~Log() = default;

  virtual const std::string& name() const = 0;
  // This life of the log: 16 hexadecimal digits, kept with the log.
  virtual const std::string& epoch() const = 0;

  // Takes the batch into the committer's queue and returns at once. `done` hears of it when the durability is reached.
  // kResourceExhausted QUEUE_FULL when the queue's limit is reached; kUnavailable STORAGE_FAILED after a failed sync,
  // or DRAINING after Engine::Close; kNotFound LOG_NOT_FOUND once it is deleted; kFailedPrecondition
  // DURABILITY_UNSUPPORTED, PRODUCER_FENCED, SEQUENCE_GAP; kAborted OFFSET_MISMATCH; kResourceExhausted DISK_FULL.
  // Batches are ordered as their Append calls were. An append that asks for kMemory is answered once it is written, and
  // seen by readers once it is as safe as the log is by default.
  virtual void Append(AppendBatch batch, AppendCallback done) = 0;
  // The same for a change of the log's state. Appends and changes are ordered as their calls were.
  virtual void Change(LogChange change, ChangeCallback done) = 0;

  // One step of a scan over what is committed. Reads the disk: do not call it on a thread that must not wait.
  // `from` below the start offset (forward) gives a gap kTrimmed; outside [0, head] gives kOutOfRange
  // OFFSET_OUT_OF_RANGE. A stored batch that fails its checksum gives a gap kCorrupt over that batch only.
  virtual absl::StatusOr<RecordPage> Read(const ReadOptions& options) const = 0;

  // The offset of the first record whose append time is not before `time`, or the head.
  virtual absl::StatusOr<int64_t> OffsetAt(absl::Time time) const = 0;

  virtual LogBounds bounds() const = 0;
  virtual LogSize size() const = 0;
  virtual LogSettings settings() const = 0;
  // kNotFound CURSOR_NOT_FOUND.
  virtual absl::StatusOr<Cursor> FindCursor(absl::string_view name) const = 0;
  // By name.
  virtual std::vector<Cursor> cursors() const = 0;
  // The start offset that would leave `bytes_max` or less, in whole segments; never above the active one's.
  virtual int64_t StartForBytes(int64_t bytes_max) const = 0;
  // Whether it was deleted, or is being deleted.
  virtual bool deleted() const = 0;

  // `listener` must stay alive until RemoveListener returns; after that it is not called any more.
  virtual void AddListener(LogListener* listener) = 0;
  virtual void RemoveListener(LogListener* listener) = 0;
};

}  // namespace eventlog

#endif  // EVENTLOG_SVC_ENGINE_LOG_H_
