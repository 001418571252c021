#include "gateway-svc/hub/frame_builder.h"

#include <algorithm>
#include <optional>

namespace gateway {
namespace {

// What one frame looks at when little of it is wanted.
constexpr int64_t kScannedEventsMax = 4'000;
// A viewer jumps as far as this.
constexpr int64_t kViewerEventsMax = 20'000;

}  // namespace

FrameBuilder::FrameBuilder(const FrameSpec& spec, int64_t start_offset, size_t bytes_max)
    : spec_(spec), start_offset_(start_offset), bytes_max_(bytes_max), next_offset_(start_offset) {}

void FrameBuilder::Add(EventBlockPtr block) {
  auto event = std::lower_bound(block->events.begin(), block->events.end(), next_offset_,
                                [](const EncodedEvent& each, int64_t wanted) { return each.offset < wanted; });
  next_offset_ = std::min(block->next_offset, spec_.until_offset);
  const int64_t scanned_max = spec_.mode == DeliveryMode::kLossless ? kScannedEventsMax : kViewerEventsMax;
  for (; event != block->events.end() && event->offset < spec_.until_offset; ++event) {
    // A full frame ends in front of the next event, so that it does not end inside the range that the log left out.
    if (full_ || event->append_time >= spec_.until_time) {
      is_last_ = !full_;
      full_ = true;
      next_offset_ = event->offset;
      break;
    }
    ++scanned_;
    if (spec_.filter.Matches(*event)) Take(*event);
    full_ = bytes_ >= bytes_max_ || scanned_ >= scanned_max ||
            (spec_.mode != DeliveryMode::kSample && kept_ >= spec_.batch_max);
  }
  full_ = full_ || next_offset_ >= spec_.until_offset;
  blocks_.push_back(std::move(block));
}

void FrameBuilder::Take(const EncodedEvent& event) {
  if (spec_.mode == DeliveryMode::kConflate) {
    const auto [place, is_new] = places_.try_emplace(Entity(event.type, event.subject), events_.size());
    if (!is_new) {
      const EncodedEvent*& older = events_[place->second];
      bytes_ -= older->json.size() + 1;
      older = nullptr;
      place->second = events_.size();
      --kept_;
      ++skipped_;
    }
  } else if (spec_.mode == DeliveryMode::kSample && kept_ >= spec_.batch_max) {
    bytes_ -= events_.front()->json.size() + 1;
    events_.pop_front();
    --kept_;
    ++skipped_;
  }
  events_.push_back(&event);
  bytes_ += event.json.size() + 1;
  ++kept_;
}

SharedFramePtr FrameBuilder::Finish(absl::string_view epoch) {
  auto frame = std::make_shared<SharedFrame>();
  frame->start_offset = start_offset_;
  frame->next_offset = next_offset_;
  frame->event_count = kept_;
  frame->is_last = is_last_;
  frame->raw_bytes = bytes_;
  if (kept_ == 0) return frame;
  std::vector<absl::string_view> events;
  events.reserve(static_cast<size_t>(kept_));
  for (const EncodedEvent* event : events_) {
    if (event != nullptr) events.push_back(event->json);
  }
  EventRun run;
  run.events = events;
  run.epoch = epoch;
  run.next_offset = next_offset_;
  if (spec_.mode != DeliveryMode::kLossless) run.skipped = skipped_;
  frame->bytes = spec_.format->Events(run);
  return frame;
}

}  // namespace gateway
