#include "gateway-svc/hub/event_ring.h"

#include <algorithm>
#include <utility>

namespace gateway {

RingState EventRing::state() const {
  absl::MutexLock lock(&mutex_);
  return state_;
}

EventBlockPtr EventRing::Find(const std::string& epoch, int64_t offset) const {
  absl::MutexLock lock(&mutex_);
  if (epoch != state_.epoch || offset < state_.ring_start || offset >= state_.head) return nullptr;
  const auto after =
      std::upper_bound(blocks_.begin(), blocks_.end(), offset,
                       [](int64_t wanted, const EventBlockPtr& block) { return wanted < block->start_offset; });
  // A hole in what came from upstream is read from the log.
  if (after == blocks_.begin() || offset >= (*(after - 1))->next_offset) return nullptr;
  return *(after - 1);
}

void EventRing::Append(EventBlockPtr block) {
  {
    absl::MutexLock lock(&mutex_);
    if (block->next_offset <= state_.head) return;
    state_.head = block->next_offset;
    state_.log_head = std::max(state_.log_head, state_.head);
    state_.bytes += block->bytes;
    state_.events_published += static_cast<int64_t>(block->events.size());
    blocks_.push_back(std::move(block));
    while (state_.bytes > bytes_max_ && blocks_.size() > 1) {
      state_.bytes -= blocks_.front()->bytes;
      blocks_.pop_front();
    }
    state_.ring_start = blocks_.front()->start_offset;
  }
  Tell();
}

void EventRing::SetConnected(const std::string& epoch, int64_t log_start, int64_t log_head, int64_t head) {
  {
    absl::MutexLock lock(&mutex_);
    if (state_.epoch != epoch || state_.head != head) {
      blocks_.clear();
      state_.bytes = 0;
      state_.ring_start = state_.head = head;
    }
    if (state_.epoch != epoch) ++state_.life;
    state_.epoch = epoch;
    state_.log_start = log_start;
    state_.log_head = std::max(log_head, head);
    state_.connected = state_.ready = true;
  }
  Tell();
}

void EventRing::SetDisconnected() {
  {
    absl::MutexLock lock(&mutex_);
    state_.connected = false;
  }
  Tell();
}

void EventRing::AddListener(RingListener* listener) {
  absl::MutexLock lock(&listeners_mutex_);
  listeners_.push_back(listener);
}

void EventRing::RemoveListener(RingListener* listener) {
  absl::MutexLock lock(&listeners_mutex_);
  listeners_.erase(std::remove(listeners_.begin(), listeners_.end(), listener), listeners_.end());
}

void EventRing::Tell() {
  absl::MutexLock lock(&listeners_mutex_);
  for (RingListener* listener : listeners_) listener->OnRingChanged();
}

}  // namespace gateway
