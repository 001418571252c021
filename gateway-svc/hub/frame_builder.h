// Collects the events of one frame: what the filter lets through, up to the bounds, as the mode wants it.

#ifndef GATEWAY_SVC_HUB_FRAME_BUILDER_H_
#define GATEWAY_SVC_HUB_FRAME_BUILDER_H_

#include <cstddef>
#include <cstdint>
#include <deque>
#include <memory>
#include <utility>
#include <vector>

#include "absl/container/flat_hash_map.h"
#include "absl/strings/string_view.h"
#include "gateway-svc/hub/event_block.h"
#include "gateway-svc/hub/frame_format.h"
#include "gateway-svc/hub/frame_spec.h"

namespace gateway {

// One frame, one thread.
class FrameBuilder {
 public:
  // `spec` must outlive it. The frame begins at `start_offset` and ends with the event that exceeds `bytes_max`.
  FrameBuilder(const FrameSpec& spec, int64_t start_offset, size_t bytes_max);

  // Takes the events of `block`, which contains next_offset(), from there on.
  void Add(EventBlockPtr block);

  int64_t next_offset() const { return next_offset_; }
  // Nothing more fits, or is wanted.
  bool full() const { return full_; }
  // Nothing was added yet.
  bool fresh() const { return blocks_.empty(); }

  SharedFramePtr Finish(absl::string_view epoch);

 private:
  // What an event is conflated by: its type and its subject.
  using Entity = std::pair<absl::string_view, absl::string_view>;

  void Take(const EncodedEvent& event);

  const FrameSpec& spec_;
  const int64_t start_offset_;
  const size_t bytes_max_;
  int64_t next_offset_;
  std::vector<EventBlockPtr> blocks_;       // keeps what the others point into
  std::deque<const EncodedEvent*> events_;  // null: another one has taken its place
  absl::flat_hash_map<Entity, size_t> places_;
  size_t bytes_ = 0;
  int64_t kept_ = 0;
  int64_t skipped_ = 0;
  int64_t scanned_ = 0;
  bool full_ = false;
  bool is_last_ = false;
};

}  // namespace gateway

#endif  // GATEWAY_SVC_HUB_FRAME_BUILDER_H_
