#include "eventlog-svc/engine/subscription.h"

#include <algorithm>
#include <memory>
#include <string>
#include <utility>

#include "absl/strings/str_cat.h"
#include "eventlog-svc/engine/error.h"
#include "eventlog-svc/storage/page_builder.h"
#include "eventlog-svc/storage/record_codec.h"

namespace eventlog {
namespace {

// A page is read for many messages: whatever a message may hold, the log reads and checks whole batches for it.
constexpr int64_t kPageRecords = 1000;
constexpr size_t kPageBytes = 256 * 1024;
// One call of Next looks at no more pages than this under a filter that matches nothing, so that others get their turn.
constexpr int kPagesMax = 16;
constexpr size_t kTailPageBytesMax = 1024 * 1024;
// A message of a smaller part of its page is copied out of it: what waits for the network may hold no more than this
// many times its own size. Messages that follow each other share their page; of those that a filter leaves each may
// hold another one.
constexpr size_t kPageSharesMax = 32;
constexpr size_t kFilteredPageSharesMax = 2;
// A record gets its append time before it is synced: for this long after until_time one from before may still come.
// A slower sync is not waited for: a Log does not say from which time on nothing older can come.
constexpr absl::Duration kUntilTimeGrace = absl::Seconds(1);

}  // namespace

absl::Status GapError(const Gap& gap) {
  const std::string range = absl::StrCat("[", gap.start_offset, ", ", gap.next_offset, ")");
  if (gap.reason == GapReason::kTrimmed) {
    return Error(absl::StatusCode::kOutOfRange, "OFFSET_OUT_OF_RANGE", absl::StrCat("offsets ", range, " were trimmed"),
                 {{"start_offset", absl::StrCat(gap.start_offset)}, {"next_offset", absl::StrCat(gap.next_offset)}});
  }
  return Error(absl::StatusCode::kDataLoss, "DATA_CORRUPT",
               absl::StrCat("offsets ", range, " do not match their checksum"),
               {{"start_offset", absl::StrCat(gap.start_offset)}, {"next_offset", absl::StrCat(gap.next_offset)}});
}

absl::StatusOr<int64_t> ResolveStart(const Log& log, const SubscriptionStart& start) {
  const LogBounds bounds = log.bounds();
  if (std::holds_alternative<StartLatest>(start)) return bounds.head_offset;
  if (std::holds_alternative<StartEarliest>(start)) return bounds.start_offset;
  if (const auto* time = std::get_if<StartAtTime>(&start)) return log.OffsetAt(time->time);
  if (const auto* offset = std::get_if<StartAtOffset>(&start)) {
    const absl::Status in_bounds = CheckInBounds(offset->offset, bounds);
    if (!in_bounds.ok()) return in_bounds;
    return offset->offset;
  }
  int64_t records = std::get<StartAtTail>(start).records;
  const LogSize size = log.size();
  if (size.record_count <= records) return size.bounds.start_offset;
  if (size.bounds.head_offset - size.bounds.start_offset == size.record_count) return size.bounds.head_offset - records;
  // Offsets have gaps: the last N records are counted back page by page.
  int64_t from = bounds.head_offset;
  while (records > 0 && from > bounds.start_offset) {
    const absl::StatusOr<RecordPage> page = log.Read({from, Direction::kBackward, records, kTailPageBytesMax});
    if (!page.ok()) return page.status();
    records -= page->record_count();
    if (page->next_offset >= from) break;
    from = page->next_offset;
  }
  return from;
}

Subscription::Subscription(const Log& log, SubscriptionOptions options) : log_(log), options_(std::move(options)) {}

void Subscription::HoldCursor(const Cursor& cursor) {
  options_.start = StartAtOffset{cursor.next_offset};
  cursor_ = cursor;
}

std::optional<EndReason> Subscription::Gone() const {
  if (log_.deleted()) return EndReason::kLogDeleted;
  if (!cursor_.has_value()) return std::nullopt;
  const absl::StatusOr<Cursor> now = log_.FindCursor(cursor_->name);
  if (now.ok() && now->generation == cursor_->generation) return std::nullopt;
  return EndReason::kCursorTaken;
}

absl::StatusOr<SubscriptionMessage> Subscription::Start() {
  const absl::StatusOr<int64_t> offset = ResolveStart(log_, options_.start);
  if (!offset.ok()) return offset.status();
  next_offset_ = *offset;
  if (const auto* time = std::get_if<StartAtTime>(&options_.start)) since_ = time->time;
  const LogBounds bounds = log_.bounds();
  if (options_.until_caught_up) options_.until_offset = bounds.head_offset;
  started_ = true;
  return StartedMessage{next_offset_, bounds, cursor_.has_value() ? cursor_->generation : 0};
}

absl::StatusOr<SubscriptionMessage> Subscription::Next(absl::Time now) {
  // The first message is always that it started.
  if (const std::optional<EndReason> gone = started_ ? Gone() : std::nullopt; gone.has_value()) {
    return EndedMessage{*gone, next_offset_};
  }
  absl::StatusOr<SubscriptionMessage> message = started_ ? ReadOn(now) : Start();
  if (!message.ok()) return message;
  if (!std::holds_alternative<NothingNow>(*message) && !std::holds_alternative<StillScanning>(*message)) {
    last_message_ = now;
  } else if (now >= last_message_ + options_.heartbeat_interval) {
    last_message_ = now;
    return HeartbeatMessage{next_offset_};
  }
  return message;
}

absl::Time Subscription::next_wake() const {
  const absl::Time heartbeat = last_message_ + options_.heartbeat_interval;
  return options_.until_time.has_value() ? std::min(heartbeat, *options_.until_time + kUntilTimeGrace) : heartbeat;
}

bool Subscription::UntilReached(absl::Time now, int64_t head) const {
  if (until_reached_ || (options_.until_offset.has_value() && next_offset_ >= *options_.until_offset)) return true;
  return options_.until_time.has_value() && next_offset_ >= head && now >= *options_.until_time + kUntilTimeGrace;
}

absl::StatusOr<SubscriptionMessage> Subscription::ReadOn(absl::Time now) {
  for (int pages = 0; pages < kPagesMax; ++pages) {
    const int64_t head = log_.bounds().head_offset;
    const bool reached = UntilReached(now, head);
    if (!caught_up_ && (next_offset_ >= head || (reached && options_.until_caught_up))) {
      caught_up_ = true;
      return CaughtUpMessage{next_offset_};
    }
    if (reached) return EndedMessage{EndReason::kUntilReached, next_offset_};
    if (next_offset_ >= head) return NothingNow{};
    if (!HasPage()) {
      const absl::StatusOr<std::optional<Gap>> gap = ReadPage();
      if (!gap.ok()) return gap.status();
      if (gap->has_value()) {
        next_offset_ = (*gap)->next_offset;
        caught_up_ = false;
        return GapMessage{**gap};
      }
    }
    BatchMessage batch = TakeBatch();
    next_offset_ = batch.next_offset;
    // What the filter kept back does not make the reader lag: only what it is given can.
    if (batch.record_count > 0) {
      caught_up_ = false;
      return batch;
    }
  }
  return StillScanning{};
}

ReadOptions Subscription::PageFrom(int64_t offset) const {
  return {offset, Direction::kForward, std::max(options_.records_max, kPageRecords),
          std::max(options_.bytes_max, kPageBytes), /*whole_runs=*/true};
}

std::optional<ReadOptions> Subscription::PageAhead() const {
  if (!started_ || until_reached_ || !TakesAll()) return std::nullopt;
  const ReadOptions page = PageFrom(HasPage() ? page_.next_offset : next_offset_);
  int64_t end = log_.bounds().head_offset;
  if (options_.until_offset.has_value()) end = std::min(end, *options_.until_offset);
  if (end - page.from < page.records_max) return std::nullopt;
  return page;
}

absl::StatusOr<std::optional<Gap>> Subscription::ReadPage() {
  absl::StatusOr<RecordPage> page = log_.Read(PageFrom(next_offset_));
  if (!page.ok()) return page.status();
  SetPage(*std::move(page));
  if (!page_.gap.has_value()) return std::nullopt;
  Gap gap = *page_.gap;
  if (options_.until_offset.has_value()) gap.next_offset = std::min(gap.next_offset, *options_.until_offset);
  if (options_.fail_on_gap) return GapError(gap);
  return gap;
}

bool Subscription::IsBehindUntil(absl::Time append_time, int64_t offset) const {
  return (options_.until_offset.has_value() && offset >= *options_.until_offset) ||
         (options_.until_time.has_value() && append_time >= *options_.until_time);
}

bool Subscription::Fits(const BatchMessage& batch, int64_t records, size_t bytes) const {
  return batch.record_count + records <= options_.records_max && batch.records.size() + bytes <= options_.bytes_max;
}

BatchMessage Subscription::TakeBatch() {
  BatchMessage batch;
  batch.next_offset = page_.next_offset;
  const size_t page_bytes = wire_ == nullptr ? 0 : wire_->capacity();
  Taken taken = Taken::kWhole;
  for (; HasPage(); ++runs_looked_at_) {
    RecordRun& run = page_.runs[runs_looked_at_];
    taken = TakeRun(run, batch);
    if (taken == Taken::kWhole) continue;
    until_reached_ = taken == Taken::kUntil;
    batch.next_offset = run.base_offset;
    break;
  }
  if (taken == Taken::kWhole) SetPage({});
  const size_t shares_max = TakesAll() ? kPageSharesMax : kFilteredPageSharesMax;
  if (batch.records.size() * shares_max < page_bytes) batch.records.LetGoOfPage();
  return batch;
}

Subscription::Taken Subscription::TakeRun(RecordRun& run, BatchMessage& batch) {
  if (IsBehindUntil(run.append_time, run.base_offset)) return Taken::kUntil;
  if (since_.has_value() && run.append_time < *since_) return Taken::kWhole;
  since_.reset();
  const bool as_it_is = options_.filter.takes_all() && Fits(batch, run.count, run.size) &&
                        !IsBehindUntil(run.append_time, run.next_offset() - 1);
  if (!as_it_is) return TakeSome(run, batch);
  batch.records.Add(wire_, absl::string_view(*wire_).substr(run.position, run.size));
  batch.record_count += run.count;
  return Taken::kWhole;
}

Subscription::Taken Subscription::TakeSome(RecordRun& run, BatchMessage& batch) {
  absl::string_view left = absl::string_view(*wire_).substr(run.position, run.size);
  RecordView record;
  while (run.count > 0) {
    // Does not happen behind a good checksum, unless what wrote it was wrong: what is no record is nobody's.
    if (!ConsumeRecord(left, record)) break;
    if (IsBehindUntil(run.append_time, run.base_offset)) return Taken::kUntil;
    if (options_.filter.takes_all() || options_.filter.Matches(record.record)) {
      if (batch.record_count > 0 && !Fits(batch, 1, record.field.size())) return Taken::kFull;
      batch.records.Add(wire_, record.field);
      ++batch.record_count;
    }
    ++run.base_offset;
    --run.count;
    run.position += record.field.size();
    run.size -= record.field.size();
  }
  return Taken::kWhole;
}

void Subscription::SetPage(RecordPage page) {
  page_ = std::move(page);
  runs_looked_at_ = 0;
  wire_ = page_.empty() ? nullptr : std::make_shared<const std::string>(std::move(page_.wire));
}

}  // namespace eventlog
