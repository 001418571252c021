// The newest blocks of the log, shared by all shards and bounded by bytes, and what is known of the log itself.
//
// Only Hub writes to it. Readers take a copy of the state for each pull, and a shared pointer for each frame that they
// build; both under a short lock.

#ifndef GATEWAY_SVC_HUB_EVENT_RING_H_
#define GATEWAY_SVC_HUB_EVENT_RING_H_

#include <cstddef>
#include <cstdint>
#include <deque>
#include <string>
#include <vector>

#include "absl/base/thread_annotations.h"
#include "absl/synchronization/mutex.h"
#include "gateway-svc/hub/event_block.h"

namespace gateway {

// Hears that the ring or the state of the upstream changed. Called on the feed's thread with no lock of the ring held:
// must only leave a note and return.
class RingListener {
 public:
  virtual ~RingListener() = default;
  virtual void OnRingChanged() = 0;
};

struct RingState {
  // The upstream subscription is established.
  bool connected = false;
  // It was established at least once: the fields below mean something.
  bool ready = false;
  std::string epoch;       // of the log's life; another one empties the ring
  int64_t life = 0;        // counts the epochs that were seen: quicker to compare
  int64_t log_start = 0;   // oldest offset of the log, as last heard
  int64_t log_head = 0;    // the log's head, as last heard; above `head` while the feed catches up
  int64_t ring_start = 0;  // offsets in [ring_start, head) are in the ring
  int64_t head = 0;        // what comes next
  size_t bytes = 0;
  int64_t events_published = 0;
};

class EventRing {
 public:
  // Keeps at least the newest block, however large.
  explicit EventRing(size_t bytes_max) : bytes_max_(bytes_max) {}

  RingState state() const;
  // The block that contains `offset`; null when it is below ring_start or not below head, or the ring is of another
  // epoch.
  EventBlockPtr Find(const std::string& epoch, int64_t offset) const;

  // A listener is removed before it dies; RemoveListener waits for a call to it that is under way.
  void AddListener(RingListener* listener);
  void RemoveListener(RingListener* listener);

 private:
  friend class Hub;

  void Append(EventBlockPtr block);
  void SetConnected(const std::string& epoch, int64_t log_start, int64_t log_head, int64_t head);
  void SetDisconnected();
  void Tell();

  const size_t bytes_max_;
  mutable absl::Mutex mutex_;
  std::deque<EventBlockPtr> blocks_ ABSL_GUARDED_BY(mutex_);
  RingState state_ ABSL_GUARDED_BY(mutex_);
  // Held while listeners are called. Never together with mutex_.
  absl::Mutex listeners_mutex_;
  std::vector<RingListener*> listeners_ ABSL_GUARDED_BY(listeners_mutex_);
};

}  // namespace gateway

#endif  // GATEWAY_SVC_HUB_EVENT_RING_H_
