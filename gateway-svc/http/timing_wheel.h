// Deadlines of many clients at constant cost: a hashed timing wheel (Varghese and Lauck, "Hashed and Hierarchical
// Timing Wheels", 1987, scheme 6). A timer is a link in its owner, so that scheduling allocates nothing.

#ifndef GATEWAY_SVC_HTTP_TIMING_WHEEL_H_
#define GATEWAY_SVC_HTTP_TIMING_WHEEL_H_

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <vector>

#include "absl/time/time.h"

namespace gateway {

// One thread. Times are since any fixed moment, and never run backwards.
class TimingWheel {
 public:
  // In at most one wheel, at most once. Its owner cancels it before it goes.
  class Timer {
   public:
    Timer() = default;
    Timer(const Timer&) = delete;
    Timer& operator=(const Timer&) = delete;
    bool scheduled() const { return next_ != this; }
    // Of a scheduled timer.
    absl::Duration due() const { return due_; }

   private:
    friend class TimingWheel;
    void Unlink() {
      prev_->next_ = next_;
      next_->prev_ = prev_;
      prev_ = next_ = this;
    }
    void LinkBefore(Timer& other) {
      prev_ = other.prev_;
      next_ = &other;
      prev_->next_ = this;
      other.prev_ = this;
    }
    Timer* prev_ = this;
    Timer* next_ = this;
    absl::Duration due_;
  };

  // Timers fire up to `resolution` late. Those further away than resolution * slots are passed by more than once.
  TimingWheel(absl::Duration resolution, size_t slots, absl::Duration now)
      : resolution_(resolution), slots_(slots), position_(SlotOf(now)) {}

  // Moves it where it is scheduled already.
  void Schedule(Timer& timer, absl::Duration due) {
    Cancel(timer);
    timer.due_ = due;
    timer.LinkBefore(At(std::max(SlotOf(due) + 1, position_ + 1)));
    ++count_;
  }
  void Cancel(Timer& timer) {
    if (!timer.scheduled()) return;
    timer.Unlink();
    --count_;
  }

  // Calls `expire` for each timer that is due, in no order, after taking it out; it may schedule and cancel any.
  template <typename Expire>
  void Advance(absl::Duration now, Expire expire) {
    const int64_t until = SlotOf(now);
    Timer expired;
    const int64_t steps = std::min<int64_t>(until - position_, static_cast<int64_t>(slots_.size()));
    for (int64_t slot = until - steps + 1; slot <= until; ++slot) {
      Timer& head = At(slot);
      for (Timer* timer = head.next_; timer != &head;) {
        Timer* const next = timer->next_;
        if (timer->due_ <= now) {
          timer->Unlink();
          timer->LinkBefore(expired);
        }
        timer = next;
      }
    }
    position_ = std::max(position_, until);
    while (expired.next_ != &expired) {
      Timer& timer = *expired.next_;
      Cancel(timer);
      expire(timer);
    }
  }

  // When to call Advance next; infinite when nothing is scheduled.
  absl::Duration NextDue() const {
    if (count_ == 0) return absl::InfiniteDuration();
    for (int64_t slot = position_ + 1;; ++slot) {
      if (slots_[static_cast<size_t>(slot) % slots_.size()].scheduled()) return resolution_ * slot;
    }
  }

 private:
  int64_t SlotOf(absl::Duration time) const { return time / resolution_; }
  Timer& At(int64_t slot) { return slots_[static_cast<size_t>(slot) % slots_.size()]; }

  const absl::Duration resolution_;
  std::vector<Timer> slots_;  // each the head of a ring of timers
  int64_t position_;          // the last slot that was passed
  size_t count_ = 0;
};

}  // namespace gateway

#endif  // GATEWAY_SVC_HTTP_TIMING_WHEEL_H_
