// Events that are dropped one after the other are one burst: said when it begins, and with its count when it is over.

#ifndef EVENTLOG_SVC_CLIENT_DROP_BURST_H_
#define EVENTLOG_SVC_CLIENT_DROP_BURST_H_

#include <cstdint>

namespace eventlog {

// Not thread safe, so that it can be under the lock of what it counts; what it says is logged without it.
class DropBurst {
 public:
  // Whether a burst begins with these.
  bool Add(int64_t events) {
    const bool begins = events_ == 0;
    events_ += events;
    return begins;
  }
  // There is room again, and not only for a moment: how many the burst had; 0 when there was none.
  int64_t End() {
    const int64_t events = events_;
    events_ = 0;
    return events;
  }

 private:
  int64_t events_ = 0;
};

}  // namespace eventlog

#endif  // EVENTLOG_SVC_CLIENT_DROP_BURST_H_
