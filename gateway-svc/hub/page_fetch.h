// One page of the log for one client, beside its stream: the events in front of a place, or behind it.

#ifndef GATEWAY_SVC_HUB_PAGE_FETCH_H_
#define GATEWAY_SVC_HUB_PAGE_FETCH_H_

#include <cstddef>
#include <cstdint>
#include <deque>
#include <memory>

#include "absl/status/statusor.h"
#include "gateway-svc/hub/cold_reader.h"
#include "gateway-svc/hub/event_block.h"
#include "gateway-svc/hub/event_ring.h"
#include "gateway-svc/hub/filter.h"

namespace gateway {

enum class FetchDirection { kBefore, kAfter };

// The shard's thread only.
class PageFetch {
 public:
  struct Gap {
    int64_t start_offset = 0;
    int64_t next_offset = 0;
    BlockGap reason = BlockGap::kNone;
  };

  // Up to `limit` events that pass the normalized `filter`: the newest below `offset`, or the first from `offset` on.
  // A page ends early, without being the log's end, when it becomes large or has looked at very much.
  PageFetch(const EventRing& ring, ColdReader& cold, Filter filter, FetchDirection direction, int64_t offset,
            int64_t limit);

  enum class Progress {
    kDone,     // the page is complete
    kMore,     // a turn's worth was looked at: call again when others had theirs
    kWaiting,  // the log's page of wanted_offset() is being read, and `waiter` hears when to call again
  };
  // An error is the log's, and final.
  absl::StatusOr<Progress> Advance(const RingState& state, const std::shared_ptr<PageWaiter>& waiter);
  int64_t wanted_offset() const { return direction_ == FetchDirection::kAfter ? next_offset_ : start_offset_ - 1; }

  // Ascending. What they point to lives as long as this.
  const std::deque<const EncodedEvent*>& events() const { return events_; }
  const std::deque<Gap>& gaps() const { return gaps_; }
  // The range that was looked at.
  int64_t start_offset() const { return start_offset_; }
  int64_t next_offset() const { return next_offset_; }
  // Nothing is beyond it in its direction.
  bool end() const { return end_; }

 private:
  // Each takes of a block what it wants, and moves the edge of the range.
  void TakeBefore(const EventBlock& block);
  void TakeAfter(const EventBlock& block);
  bool Wants(const EncodedEvent& event);
  bool full() const;

  const EventRing& ring_;
  ColdReader& cold_;
  const Filter filter_;
  const FetchDirection direction_;
  const int64_t limit_;
  int64_t start_offset_;
  int64_t next_offset_;
  std::deque<EventBlockPtr> blocks_;  // keeps what the events point into
  std::deque<const EncodedEvent*> events_;
  std::deque<Gap> gaps_;
  size_t bytes_ = 0;
  int64_t scanned_ = 0;
  size_t scanned_bytes_ = 0;
  bool end_ = false;
};

}  // namespace gateway

#endif  // GATEWAY_SVC_HUB_PAGE_FETCH_H_
