#include "gateway-svc/hub/page_fetch.h"

#include <algorithm>
#include <utility>

namespace gateway {
namespace {

constexpr size_t kBytesMax = 512 * 1024;
constexpr int64_t kScannedEventsMax = 20'000;
// Of one turn: a block, which is some thousand, is looked at as a whole.
constexpr int64_t kTurnEventsMax = 1'000;
constexpr size_t kScannedBytesMax = 8 * 1024 * 1024;

bool IsBelow(const EncodedEvent& event, int64_t offset) { return event.offset < offset; }

}  // namespace

PageFetch::PageFetch(const EventRing& ring, ColdReader& cold, Filter filter, FetchDirection direction, int64_t offset,
                     int64_t limit)
    : ring_(ring),
      cold_(cold),
      filter_(std::move(filter)),
      direction_(direction),
      limit_(limit),
      start_offset_(offset),
      next_offset_(offset) {}

bool PageFetch::full() const {
  return static_cast<int64_t>(events_.size()) >= limit_ || bytes_ >= kBytesMax || scanned_ >= kScannedEventsMax ||
         scanned_bytes_ >= kScannedBytesMax;
}

bool PageFetch::Wants(const EncodedEvent& event) {
  ++scanned_;
  scanned_bytes_ += event.json.size();
  if (!filter_.Matches(event)) return false;
  bytes_ += event.json.size();
  return true;
}

void PageFetch::TakeAfter(const EventBlock& block) {
  auto event = std::lower_bound(block.events.begin(), block.events.end(), next_offset_, IsBelow);
  next_offset_ = block.next_offset;
  for (; event != block.events.end(); ++event) {
    if (full()) {
      next_offset_ = event->offset;
      return;
    }
    if (Wants(*event)) events_.push_back(&*event);
  }
}

void PageFetch::TakeBefore(const EventBlock& block) {
  auto event = std::lower_bound(block.events.begin(), block.events.end(), start_offset_, IsBelow);
  while (event != block.events.begin()) {
    if (full()) return;
    --event;
    start_offset_ = event->offset;
    if (Wants(*event)) events_.push_front(&*event);
  }
  start_offset_ = block.start_offset;
}

absl::StatusOr<PageFetch::Progress> PageFetch::Advance(const RingState& state,
                                                       const std::shared_ptr<PageWaiter>& waiter) {
  const bool after = direction_ == FetchDirection::kAfter;
  // Only before the first event: a feed that begins anew may know less of the log than was looked at already.
  const bool begins = scanned_ == 0 && gaps_.empty();
  if (begins && next_offset_ > state.head) start_offset_ = next_offset_ = state.head;
  const auto at_end = [&] { return after ? next_offset_ >= state.head : start_offset_ <= 0; };
  const int64_t turn_ends = scanned_ + kTurnEventsMax;
  while (!full() && !end_ && !at_end()) {
    if (scanned_ >= turn_ends) return Progress::kMore;
    const int64_t wanted = wanted_offset();
    EventBlockPtr block = ring_.Find(state.epoch, wanted);
    if (block == nullptr) {
      absl::StatusOr<EventBlockPtr> cold = cold_.Find(state.epoch, wanted, waiter);
      if (!cold.ok()) return cold.status();
      if (*cold == nullptr) return Progress::kWaiting;
      block = *std::move(cold);
    }
    if (block->gap == BlockGap::kNone) {
      const size_t taken = events_.size();
      after ? TakeAfter(*block) : TakeBefore(*block);
      if (events_.size() > taken) blocks_.push_back(std::move(block));
    } else if (after) {
      gaps_.push_back({next_offset_, block->next_offset, block->gap});
      next_offset_ = block->next_offset;
    } else {
      gaps_.push_front({block->start_offset, start_offset_, block->gap});
      start_offset_ = block->start_offset;
      // What was trimmed was trimmed from the log's beginning on.
      end_ = block->gap == BlockGap::kTrimmed;
    }
  }
  end_ = end_ || at_end();
  return Progress::kDone;
}

}  // namespace gateway
