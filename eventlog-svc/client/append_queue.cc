#include "eventlog-svc/client/append_queue.h"

#include <algorithm>
#include <cstddef>
#include <iterator>
#include <utility>

#include "absl/time/clock.h"

namespace eventlog {
namespace {

// With fewer unanswered batches a batch leaves although it is not full.
constexpr size_t kPartialBatchesMax = 2;

}  // namespace

bool AppendQueue::HasRoom(int64_t bytes) const {
  return events_ == 0 || (events_ < options_.events_max && bytes_ + bytes <= options_.bytes_max);
}

void AppendQueue::Push(Entry entry) {
  if (options_.linger > absl::ZeroDuration()) entry.added = absl::Now();
  ++events_;
  bytes_ += entry.bytes;
  waiting_bytes_ += entry.bytes;
  waiting_.push_back(std::move(entry));
}

std::vector<AppendQueue::Entry> AppendQueue::MakeRoom(int64_t bytes) {
  std::vector<Entry> taken;
  const int64_t sent_events = events_ - static_cast<int64_t>(waiting_.size());
  const int64_t sent_bytes = bytes_ - waiting_bytes_;
  if (sent_events > 0 && (sent_events >= options_.events_max || sent_bytes + bytes > options_.bytes_max)) return taken;
  while (!waiting_.empty() && !HasRoom(bytes)) {
    --events_;
    bytes_ -= waiting_.front().bytes;
    waiting_bytes_ -= waiting_.front().bytes;
    taken.push_back(std::move(waiting_.front()));
    waiting_.pop_front();
  }
  return taken;
}

void AppendQueue::AddBatch(Batch batch) {
  events_ += static_cast<int64_t>(batch.entries.size());
  bytes_ += batch.bytes;
  next_sequence_ = batch.first_sequence + static_cast<int64_t>(batch.entries.size());
  in_flight_.push_back(std::make_shared<Batch>(std::move(batch)));
}

bool AppendQueue::HasNext(bool hurry) const {
  if (sent_ >= static_cast<size_t>(options_.batches_in_flight_max)) return false;
  if (sent_ < in_flight_.size()) return true;
  if (waiting_.empty()) return false;
  if (waiting_.size() >= static_cast<size_t>(options_.batch_events_max) || waiting_bytes_ >= options_.batch_bytes_max) {
    return true;
  }
  return CanAddPartialBatch() && (hurry || options_.linger <= absl::ZeroDuration() || LingerEnd() <= absl::Now());
}

absl::Time AppendQueue::LingerEnd() const {
  const bool lingers = options_.linger > absl::ZeroDuration() && !waiting_.empty();
  return lingers ? waiting_.front().added + options_.linger : absl::InfiniteFuture();
}

absl::Time AppendQueue::LingerEndAfter(absl::Time now) const {
  const absl::Time end = LingerEnd();
  return end > now ? end : absl::InfiniteFuture();
}

bool AppendQueue::CanAddPartialBatch() const { return in_flight_.size() < kPartialBatchesMax; }

std::shared_ptr<AppendQueue::Batch> AppendQueue::TakeNext() {
  if (sent_ == in_flight_.size()) {
    Batch& batch = *in_flight_.emplace_back(std::make_shared<Batch>());
    batch.first_sequence = next_sequence_;
    int64_t& bytes = batch.bytes;
    while (!waiting_.empty() && batch.entries.size() < static_cast<size_t>(options_.batch_events_max) &&
           (batch.entries.empty() || bytes + waiting_.front().bytes <= options_.batch_bytes_max)) {
      bytes += waiting_.front().bytes;
      batch.entries.push_back(std::move(waiting_.front()));
      waiting_.pop_front();
    }
    waiting_bytes_ -= bytes;
    next_sequence_ += static_cast<int64_t>(batch.entries.size());
  }
  const std::shared_ptr<Batch>& next = in_flight_[sent_++];
  next->sent = std::min(next->sent, absl::Now());
  ++next->times_sent;
  return next;
}

void AppendQueue::Renumber() {
  next_sequence_ = 0;
  for (const std::shared_ptr<Batch>& batch : in_flight_) {
    batch->first_sequence = next_sequence_;
    next_sequence_ += static_cast<int64_t>(batch->entries.size());
  }
}

std::shared_ptr<AppendQueue::Batch> AppendQueue::PopAnswered() {
  std::shared_ptr<Batch> batch = std::move(in_flight_.front());
  in_flight_.pop_front();
  if (sent_ > 0) --sent_;
  events_ -= static_cast<int64_t>(batch->entries.size());
  bytes_ -= batch->bytes;
  return batch;
}

void AppendQueue::Split(Batch& batch) {
  const auto middle = batch.entries.begin() + static_cast<std::ptrdiff_t>(batch.entries.size() / 2);
  Batch first;
  Batch second;
  first.entries.assign(std::make_move_iterator(batch.entries.begin()), std::make_move_iterator(middle));
  second.entries.assign(std::make_move_iterator(middle), std::make_move_iterator(batch.entries.end()));
  for (Batch* half : {&second, &first}) {
    for (const Entry& entry : half->entries) half->bytes += entry.bytes;
    events_ += static_cast<int64_t>(half->entries.size());
    bytes_ += half->bytes;
    in_flight_.push_front(std::make_shared<Batch>(std::move(*half)));
  }
  sent_ = 0;
}

int64_t AppendQueue::sent_bytes_max() const {
  int64_t most = 0;
  for (size_t i = 0; i < sent_; ++i) most = std::max(most, in_flight_[i]->bytes);
  return most;
}

std::vector<AppendQueue::Entry> AppendQueue::Clear() {
  std::vector<Entry> entries;
  for (const std::shared_ptr<Batch>& batch : in_flight_) {
    for (Entry& entry : batch->entries) entries.push_back(std::move(entry));
  }
  for (Entry& entry : waiting_) entries.push_back(std::move(entry));
  in_flight_.clear();
  waiting_.clear();
  sent_ = 0;
  events_ = bytes_ = waiting_bytes_ = 0;
  return entries;
}

}  // namespace eventlog
