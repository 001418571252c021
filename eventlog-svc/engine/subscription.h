// One reader that follows a log: what to tell it next. Knows no gRPC and no thread.
//
// There is one path: it always reads the log, from its position on; what is new is found by reading again. The caller
// decides when: after the head moved, after the reader took the last message, or when a heartbeat is due.

#ifndef EVENTLOG_SVC_ENGINE_SUBSCRIPTION_H_
#define EVENTLOG_SVC_ENGINE_SUBSCRIPTION_H_

#include <cstdint>
#include <optional>
#include <string>
#include <variant>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "absl/time/time.h"
#include "eventlog-svc/engine/event_filter.h"
#include "eventlog-svc/engine/log.h"
#include "eventlog-svc/engine/record_bytes.h"

namespace eventlog {

// Where to start.
struct StartAtOffset {
  int64_t offset = 0;
};
struct StartAtTime {
  absl::Time time;
};
struct StartEarliest {};
struct StartLatest {};
struct StartAtTail {
  int64_t records = 0;
};
using SubscriptionStart = std::variant<StartLatest, StartEarliest, StartAtOffset, StartAtTime, StartAtTail>;

struct SubscriptionOptions {
  SubscriptionStart start;
  EventFilter filter;
  // Ends before this offset, or before the first record of this time, or at the head as it is at the start. A time that
  // has passed also ends a subscription that has everything.
  std::optional<int64_t> until_offset;
  std::optional<absl::Time> until_time;
  bool until_caught_up = false;
  int64_t records_max = 1000;
  size_t bytes_max = 256 * 1024;
  absl::Duration heartbeat_interval = absl::Seconds(15);
  bool fail_on_gap = false;
};

// The messages. Each next_offset is what comes next for the reader.
struct StartedMessage {
  int64_t next_offset = 0;
  LogBounds bounds;
  int64_t generation = 0;  // of the cursor that is held; 0 without one
};
struct BatchMessage {
  RecordBytes records;
  int64_t record_count = 0;
  int64_t next_offset = 0;
};
struct CaughtUpMessage {
  int64_t next_offset = 0;
};
struct HeartbeatMessage {
  int64_t next_offset = 0;
};
struct GapMessage {
  Gap gap;
};
// The last one.
enum class EndReason { kUntilReached, kCursorTaken, kLogDeleted };
struct EndedMessage {
  EndReason reason = EndReason::kUntilReached;
  int64_t next_offset = 0;
};
// Nothing for now: wait for the head to move, or for next_wake().
struct NothingNow {};
// Nothing found yet, and more to look at: call again soon, after others had their turn.
struct StillScanning {};
using SubscriptionMessage = std::variant<NothingNow, StillScanning, StartedMessage, BatchMessage, CaughtUpMessage,
                                         HeartbeatMessage, GapMessage, EndedMessage>;

// The offset at which a start begins in this log. kOutOfRange OFFSET_OUT_OF_RANGE beyond the head.
absl::StatusOr<int64_t> ResolveStart(const Log& log, const SubscriptionStart& start);

// What a gap is to a reader who asked for failure: kDataLoss DATA_CORRUPT, or kOutOfRange OFFSET_OUT_OF_RANGE when
// trimmed.
absl::Status GapError(const Gap& gap);

// Not thread safe. The log must outlive it.
class Subscription {
 public:
  Subscription(const Log& log, SubscriptionOptions options);

  // Starts where the cursor stands, which was taken for it, and ends when somebody else takes it. Before the first
  // Next.
  void HoldCursor(const Cursor& cursor);

  // The next message; an error ends the subscription. May read the disk. After EndedMessage it must not be
  // called.
  absl::StatusOr<SubscriptionMessage> Next(absl::Time now);
  // Whether the start was resolved: before, next_offset() means nothing.
  bool started() const { return started_; }
  int64_t next_offset() const { return next_offset_; }
  // Whether Next has something to say without reading the log: records that were read and not looked at yet, which no
  // filter and no time of the start can keep back.
  bool HasNextAtHand() const { return HasPage() && TakesAll(); }
  // What could be read already, while what is at hand is on its way: a whole page behind it. Nothing where the log has
  // less, of which there will be more once it is wanted, or where a filter may make it pointless.
  std::optional<ReadOptions> PageAhead() const;
  // Takes the records that PageAhead() named, when nothing is at hand any more.
  void SetPage(RecordPage page);
  // When Next has something to say even if the head does not move: a heartbeat, or the end that until_time set.
  absl::Time next_wake() const;

 private:
  absl::StatusOr<SubscriptionMessage> Start();
  // Whether the log or the cursor is gone.
  std::optional<EndReason> Gone() const;
  absl::StatusOr<SubscriptionMessage> ReadOn(absl::Time now);
  bool UntilReached(absl::Time now, int64_t head) const;
  bool HasPage() const { return runs_looked_at_ < page_.runs.size(); }
  bool TakesAll() const { return !since_.has_value() && options_.filter.takes_all(); }
  ReadOptions PageFrom(int64_t offset) const;
  // Reads the next page; a gap in its place is cut at `until`, or the error that the reader asked for.
  absl::StatusOr<std::optional<Gap>> ReadPage();
  // The next records of the page that are wanted, up to `until` and to the limits of a message.
  BatchMessage TakeBatch();
  // How far into the message that is taken a run goes.
  enum class Taken { kWhole, kFull, kUntil };
  Taken TakeRun(RecordRun& run, BatchMessage& batch);
  // Takes the first records of the run, one by one, off it.
  Taken TakeSome(RecordRun& run, BatchMessage& batch);
  bool Fits(const BatchMessage& batch, int64_t records, size_t bytes) const;
  bool IsBehindUntil(absl::Time append_time, int64_t offset) const;

  const Log& log_;
  SubscriptionOptions options_;
  std::optional<Cursor> cursor_;  // that is held
  bool started_ = false;
  bool caught_up_ = false;  // the reader was told so, and nothing came since
  bool until_reached_ = false;
  // From a time that was still to come at the start: records before it are not wanted, until the first that is not.
  std::optional<absl::Time> since_;
  int64_t next_offset_ = 0;
  // What was read and not looked at yet, for smaller messages than a page; never more than one page. Of a run that was
  // looked at in part, the rest. Its wire form is in wire_, which messages on their way share.
  RecordPage page_;
  RecordBytes::Page wire_;
  size_t runs_looked_at_ = 0;
  absl::Time last_message_ = absl::InfinitePast();
};

}  // namespace eventlog

#endif  // EVENTLOG_SVC_ENGINE_SUBSCRIPTION_H_
