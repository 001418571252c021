#include "gateway-svc/hub/filter_group.h"

#include <algorithm>
#include <utility>
#include <vector>

namespace gateway {
namespace {

// What one frame looks at when the filter takes little of it.
constexpr int64_t kScannedEventsMax = 20'000;

}  // namespace

FilterGroup::FilterGroup(FrameSources sources, Filter filter)
    : sources_(sources), filter_(std::move(filter)), number_(sources.kept->NewGroup()) {}

absl::StatusOr<SharedFramePtr> FilterGroup::FrameAt(int64_t offset, const RingState& state, bool others,
                                                    const std::function<void()>& wake) {
  if (SharedFramePtr kept = sources_.kept->Find(number_, state.epoch, offset); kept != nullptr) {
    sources_.counters->shared.fetch_add(1, std::memory_order_relaxed);
    return kept;
  }
  absl::StatusOr<SharedFramePtr> built = Build(offset, state, wake);
  if (built.ok() && *built != nullptr) {
    sources_.counters->built.fetch_add(1, std::memory_order_relaxed);
    if (others) sources_.kept->Keep(number_, *built);
  }
  return built;
}

absl::StatusOr<SharedFramePtr> FilterGroup::Build(int64_t offset, const RingState& state,
                                                  const std::function<void()>& wake) {
  auto frame = std::make_shared<SharedFrame>();
  frame->start_offset = frame->next_offset = offset;
  std::vector<EventBlockPtr> blocks;  // keeps what `events` points into
  std::vector<absl::string_view> events;
  size_t bytes = 0;
  int64_t scanned = 0;
  while (frame->next_offset < state.head && bytes < sources_.frame_bytes_max && scanned < kScannedEventsMax) {
    EventBlockPtr block = sources_.ring->Find(state.epoch, frame->next_offset);
    if (block == nullptr) {
      // Below the ring. What was found so far is a frame of its own; the cold read is asked for when a client gets
      // there.
      if (!blocks.empty()) break;
      absl::StatusOr<EventBlockPtr> cold = sources_.cold->Find(state.epoch, frame->next_offset, wake);
      if (!cold.ok()) return cold.status();
      if (*cold == nullptr) return SharedFramePtr();
      block = *std::move(cold);
    }
    if (block->gap != BlockGap::kNone) {
      if (!blocks.empty()) break;
      frame->is_gap = true;
      frame->next_offset = block->next_offset;
      frame->bytes = sources_.format->Gap(block->gap, state.epoch, offset, block->next_offset);
      return SharedFramePtr(std::move(frame));
    }
    const int64_t from = frame->next_offset;
    auto event = std::lower_bound(block->events.begin(), block->events.end(), from,
                                  [](const EncodedEvent& each, int64_t wanted) { return each.offset < wanted; });
    frame->next_offset = block->next_offset;
    for (; event != block->events.end(); ++event) {
      ++scanned;
      if (!filter_.Matches(*event)) continue;
      events.push_back(event->json);
      bytes += event->json.size() + 1;
      if (bytes >= sources_.frame_bytes_max && event + 1 != block->events.end()) {
        frame->next_offset = (event + 1)->offset;
        break;
      }
    }
    blocks.push_back(std::move(block));
  }
  frame->event_count = static_cast<int64_t>(events.size());
  if (!events.empty()) frame->bytes = sources_.format->Events(events, state.epoch, frame->next_offset);
  return SharedFramePtr(std::move(frame));
}

}  // namespace gateway
