#include "gateway-svc/hub/filter_group.h"

#include <utility>

#include "gateway-svc/hub/counter.h"
#include "gateway-svc/hub/frame_builder.h"

namespace gateway {
FilterGroup::FilterGroup(FrameSources sources, FrameSpec spec)
    : sources_(sources), spec_(std::move(spec)), number_(sources.kept->NewGroup()) {}

void FilterGroup::Remember(const SharedFramePtr& frame, const RingState& state) {
  last_ = frame;
  last_offset_ = frame->start_offset;
  last_life_ = state.life;
}

absl::StatusOr<SharedFramePtr> FilterGroup::FrameAt(int64_t offset, const RingState& state, bool others) {
  SharedFramePtr kept;
  if (last_offset_ == offset && last_life_ == state.life) kept = last_.lock();
  if (kept == nullptr) {
    kept = sources_.kept->Find(number_, state.epoch, offset);
    if (kept != nullptr) Remember(kept, state);
  }
  if (kept != nullptr) {
    Count(sources_.counters->shared);
    return kept;
  }
  absl::StatusOr<SharedFramePtr> built = Build(offset, state);
  if (built.ok() && *built != nullptr) {
    Count(sources_.counters->built);
    // A client that is alone does not come here again.
    if (others) {
      sources_.kept->Keep(number_, *built);
      Remember(*built, state);
    }
  }
  return built;
}

absl::StatusOr<SharedFramePtr> FilterGroup::Build(int64_t offset, const RingState& state) {
  FrameBuilder builder(spec_, offset, sources_.frame_bytes_max);
  while (builder.next_offset() < state.head && !builder.full()) {
    EventBlockPtr block = sources_.ring->Find(state.epoch, builder.next_offset());
    if (block == nullptr) {
      // Below the ring. What was found so far is a frame of its own; the cold read is asked for when a client gets
      // there.
      if (!builder.fresh()) break;
      absl::StatusOr<EventBlockPtr> cold = sources_.cold->Find(state.epoch, builder.next_offset(), sources_.waiter);
      if (!cold.ok()) return cold.status();
      if (*cold == nullptr) return SharedFramePtr();
      block = *std::move(cold);
    }
    if (block->gap != BlockGap::kNone) {
      if (!builder.fresh()) break;
      auto frame = std::make_shared<SharedFrame>();
      frame->start_offset = offset;
      frame->is_gap = true;
      frame->next_offset = block->next_offset;
      frame->bytes = spec_.format->Gap(block->gap, state.epoch, offset, block->next_offset);
      return SharedFramePtr(std::move(frame));
    }
    builder.Add(std::move(block));
  }
  return builder.Finish(state.epoch);
}

}  // namespace gateway
