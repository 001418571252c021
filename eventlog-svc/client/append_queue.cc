#include "eventlog-svc/client/append_queue.h"

#include <algorithm>
#include <cstddef>
#include <iterator>
#include <utility>

namespace eventlog {
namespace {

// With fewer unanswered batches a batch leaves although it is not full.
constexpr size_t kPartialBatchesMax = 2;

}  // namespace

bool AppendQueue::HasRoom(int64_t bytes) const {
  return events_ == 0 || (events_ < options_.events_max && bytes_ + bytes <= options_.bytes_max);
}

void AppendQueue::Push(Entry entry) {
  ++events_;
  bytes_ += entry.bytes;
  waiting_bytes_ += entry.bytes;
  waiting_.push_back(std::move(entry));
}

bool AppendQueue::HasNext() const {
  if (sent_ >= static_cast<size_t>(options_.batches_in_flight_max)) return false;
  if (sent_ < in_flight_.size()) return true;
  if (waiting_.empty()) return false;
  return in_flight_.size() < kPartialBatchesMax || waiting_.size() >= static_cast<size_t>(options_.batch_events_max) ||
         waiting_bytes_ >= options_.batch_bytes_max;
}

const AppendQueue::Batch& AppendQueue::TakeNext() {
  if (sent_ == in_flight_.size()) {
    Batch batch;
    batch.first_sequence = next_sequence_;
    int64_t bytes = 0;
    while (!waiting_.empty() && batch.entries.size() < static_cast<size_t>(options_.batch_events_max) &&
           (batch.entries.empty() || bytes + waiting_.front().bytes <= options_.batch_bytes_max)) {
      bytes += waiting_.front().bytes;
      batch.entries.push_back(std::move(waiting_.front()));
      waiting_.pop_front();
    }
    waiting_bytes_ -= bytes;
    next_sequence_ += static_cast<int64_t>(batch.entries.size());
    in_flight_.push_back(std::move(batch));
  }
  return in_flight_[sent_++];
}

void AppendQueue::Renumber() {
  next_sequence_ = 0;
  for (Batch& batch : in_flight_) {
    batch.first_sequence = next_sequence_;
    next_sequence_ += static_cast<int64_t>(batch.entries.size());
  }
}

AppendQueue::Batch AppendQueue::PopAnswered() {
  Batch batch = std::move(in_flight_.front());
  in_flight_.pop_front();
  if (sent_ > 0) --sent_;
  for (const Entry& entry : batch.entries) {
    --events_;
    bytes_ -= entry.bytes;
  }
  return batch;
}

void AppendQueue::Split(Batch batch) {
  const auto middle = batch.entries.begin() + static_cast<std::ptrdiff_t>(batch.entries.size() / 2);
  Batch first;
  Batch second;
  first.entries.assign(std::make_move_iterator(batch.entries.begin()), std::make_move_iterator(middle));
  second.entries.assign(std::make_move_iterator(middle), std::make_move_iterator(batch.entries.end()));
  for (Batch* half : {&second, &first}) {
    for (const Entry& entry : half->entries) {
      ++events_;
      bytes_ += entry.bytes;
    }
    in_flight_.push_front(std::move(*half));
  }
  sent_ = 0;
}

int64_t AppendQueue::sent_bytes_max() const {
  int64_t most = 0;
  for (size_t i = 0; i < sent_; ++i) {
    int64_t bytes = 0;
    for (const Entry& entry : in_flight_[i].entries) bytes += entry.bytes;
    most = std::max(most, bytes);
  }
  return most;
}

std::vector<AppendQueue::Entry> AppendQueue::Clear() {
  std::vector<Entry> entries;
  for (Batch& batch : in_flight_) {
    for (Entry& entry : batch.entries) entries.push_back(std::move(entry));
  }
  for (Entry& entry : waiting_) entries.push_back(std::move(entry));
  in_flight_.clear();
  waiting_.clear();
  sent_ = 0;
  events_ = bytes_ = waiting_bytes_ = 0;
  return entries;
}

}  // namespace eventlog
