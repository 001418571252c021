#include "gateway-svc/hub/frame_builder.h"

#include <algorithm>
#include <map>
#include <random>
#include <string>
#include <utility>
#include <vector>

#include "absl/strings/numbers.h"
#include "gtest/gtest.h"
#include "tests/gateway-svc/hub/hub_fixture.h"

namespace gateway {
namespace {

// Remembers the offsets of the events of the frame that was built last.
class LastFrame : public FrameFormat {
 public:
  std::string Events(const EventRun& run) override {
    offsets.clear();
    std::string text = "E";
    for (const absl::string_view json : run.events) {
      int64_t offset = -1;
      EXPECT_TRUE(absl::SimpleAtoi(json.substr(10, json.find(',') - 10), &offset));
      offsets.push_back(offset);
    }
    skipped = run.skipped;
    EXPECT_EQ(run.epoch, kEpoch);
    next_offset = run.next_offset;
    return text;
  }
  std::string Gap(BlockGap, absl::string_view, int64_t, int64_t) override { return ""; }

  std::vector<int64_t> offsets;
  std::optional<int64_t> skipped;
  int64_t next_offset = -1;
};

// A log with holes, in blocks of odd sizes.
std::vector<EventBlockPtr> RandomLog(std::mt19937& random, int64_t head) {
  std::vector<EventBlockPtr> blocks;
  for (int64_t start = 0; start < head;) {
    auto block = std::make_shared<EventBlock>();
    block->start_offset = start;
    block->next_offset = std::min<int64_t>(head, start + 1 + random() % 17);
    for (; start < block->next_offset; ++start) {
      if (random() % 4 != 0) block->events.push_back(EventAt(start));
    }
    blocks.push_back(std::move(block));
  }
  return blocks;
}

struct Log {
  int64_t head = 0;
  std::vector<EventBlockPtr> blocks;
  std::map<int64_t, const EncodedEvent*> events;

  explicit Log(std::mt19937& random) : head(1 + random() % 200), blocks(RandomLog(random, head)) {
    for (const EventBlockPtr& block : blocks) {
      for (const EncodedEvent& event : block->events) events[event.offset] = &event;
    }
  }
  EventBlockPtr BlockOf(int64_t offset) const {
    return *std::find_if(blocks.begin(), blocks.end(), [&](const EventBlockPtr& b) { return offset < b->next_offset; });
  }
  // What the filter takes of [start, next).
  std::vector<const EncodedEvent*> Wanted(const FrameSpec& spec, int64_t start, int64_t next) const {
    std::vector<const EncodedEvent*> wanted;
    for (auto it = events.lower_bound(start); it != events.end() && it->first < next; ++it) {
      if (spec.filter.Matches(*it->second)) wanted.push_back(it->second);
    }
    return wanted;
  }
};

// What the mode keeps of them, by its definition.
std::vector<const EncodedEvent*> Kept(const FrameSpec& spec, std::vector<const EncodedEvent*> wanted) {
  std::vector<const EncodedEvent*> kept;
  for (size_t i = 0; i < wanted.size(); ++i) {
    const bool has_newer = std::any_of(wanted.begin() + static_cast<std::ptrdiff_t>(i) + 1, wanted.end(), [&](auto* e) {
      return e->type == wanted[i]->type && e->subject == wanted[i]->subject;
    });
    const bool is_newest = wanted.size() - i <= static_cast<size_t>(spec.batch_max);
    if (spec.mode == DeliveryMode::kConflate && has_newer) continue;
    if (spec.mode == DeliveryMode::kSample && !is_newest) continue;
    kept.push_back(wanted[i]);
  }
  return kept;
}

SharedFramePtr BuildAt(const Log& log, const FrameSpec& spec, int64_t start, size_t bytes_max) {
  FrameBuilder builder(spec, start, bytes_max);
  EXPECT_TRUE(builder.fresh());
  while (builder.next_offset() < log.head && !builder.full()) builder.Add(log.BlockOf(builder.next_offset()));
  return builder.Finish(kEpoch);
}

void CheckFrame(const Log& log, const FrameSpec& spec, const SharedFrame& frame, const LastFrame& last,
                size_t bytes_max) {
  const auto wanted = log.Wanted(spec, frame.start_offset, frame.next_offset);
  const auto kept = Kept(spec, wanted);
  ASSERT_EQ(static_cast<int64_t>(kept.size()), frame.event_count);
  ASSERT_EQ(kept.empty(), frame.bytes.empty());
  size_t bytes = 0;
  for (const EncodedEvent* event : kept) bytes += event->json.size() + 1;
  if (!kept.empty()) {
    std::vector<int64_t> offsets;
    for (const EncodedEvent* event : kept) offsets.push_back(event->offset);
    ASSERT_EQ(last.offsets, offsets);
    ASSERT_EQ(last.next_offset, frame.next_offset);
    ASSERT_EQ(last.skipped.has_value(), spec.mode != DeliveryMode::kLossless);
    ASSERT_EQ(last.skipped.value_or(0), static_cast<int64_t>(wanted.size() - kept.size()));
    ASSERT_LE(frame.event_count, spec.batch_max);
    ASSERT_LT(bytes - kept.back()->json.size() - 1, bytes_max) << "only the last event exceeds";
  }
  ASSERT_LE(frame.next_offset, std::min(spec.until_offset, log.head));
  const auto next = log.events.lower_bound(frame.next_offset);
  const bool at_end = next == log.events.end() || next->first >= spec.until_offset;
  const bool time_passed = next != log.events.end() && next->second->append_time >= spec.until_time;
  const bool is_full =
      bytes >= bytes_max || (spec.mode != DeliveryMode::kSample && frame.event_count == spec.batch_max);
  ASSERT_TRUE(is_full || at_end || time_passed) << "it ends too early, at " << frame.next_offset;
  ASSERT_EQ(frame.is_last, time_passed && !at_end && !is_full);
  for (const EncodedEvent* event : wanted) ASSERT_LT(event->append_time, spec.until_time);
}

TEST(FrameBuilderTest, FramesOfARandomLogAreWhatTheModeSays) {
  std::mt19937 random(11);
  const std::vector<Filter> filters = {{}, {{"t.1", "t.2"}, {}, {}, {}}, {{}, {"s3"}, {}, {}}, {{"no"}, {}, {}, {}}};
  for (int round = 0; round < 3000; ++round) {
    const Log log(random);
    LastFrame last;
    FrameSpec spec = SpecOf(last, filters[random() % filters.size()]);
    spec.mode = static_cast<DeliveryMode>(random() % 3);
    spec.batch_max = 1 + random() % 12;
    if (random() % 3 == 0) spec.until_offset = 1 + random() % 250;
    if (random() % 3 == 0) spec.until_time = absl::FromUnixSeconds(random() % 250);
    const size_t bytes_max = 1 + random() % 2000;
    std::vector<int64_t> found;
    bool is_last = false;
    for (int64_t at = 0; at < std::min(log.head, spec.until_offset) && !is_last;) {
      const SharedFramePtr frame = BuildAt(log, spec, at, bytes_max);
      ASSERT_EQ(frame->start_offset, at);
      ASSERT_NO_FATAL_FAILURE(CheckFrame(log, spec, *frame, last, bytes_max)) << "round " << round;
      ASSERT_TRUE(frame->next_offset > at || frame->is_last);
      if (!frame->bytes.empty()) found.insert(found.end(), last.offsets.begin(), last.offsets.end());
      at = frame->next_offset;
      is_last = frame->is_last;
    }
    if (spec.mode != DeliveryMode::kLossless) continue;
    std::vector<int64_t> all;
    for (const EncodedEvent* event : log.Wanted(spec, 0, spec.until_offset)) {
      if (event->append_time < spec.until_time) all.push_back(event->offset);
    }
    ASSERT_EQ(found, all) << "frames one after the other leave nothing out";
  }
}

TEST(FrameBuilderTest, AFullFrameEndsInFrontOfTheNextEventThatExists) {
  TextFormat format;
  FrameSpec spec = SpecOf(format);
  spec.batch_max = 2;
  auto block = std::make_shared<EventBlock>();
  block->next_offset = 10;
  for (const int64_t offset : {1, 2, 7}) block->events.push_back(EventAt(offset));
  FrameBuilder builder(spec, 0, 10'000);
  builder.Add(block);
  EXPECT_TRUE(builder.full());
  EXPECT_EQ(builder.Finish(kEpoch)->bytes, "E 1 2 >7;");
}

TEST(FrameBuilderTest, AFilterThatTakesNothingDoesNotLookForEver) {
  TextFormat format;
  const FrameSpec spec = SpecOf(format, {{"none"}, {}, {}, {}});
  FrameBuilder builder(spec, 0, 10'000);
  builder.Add(Block(0, 50'000));
  EXPECT_TRUE(builder.full());
  const SharedFramePtr frame = builder.Finish(kEpoch);
  EXPECT_EQ(frame->next_offset, 4'000);
  EXPECT_TRUE(frame->bytes.empty());
}

TEST(FrameBuilderTest, ConflationIsByTypeAndSubjectTogether) {
  TextFormat format;
  FrameSpec spec = SpecOf(format);
  spec.mode = DeliveryMode::kConflate;
  auto block = std::make_shared<EventBlock>();
  block->next_offset = 4;
  for (int64_t offset = 0; offset < 4; ++offset) block->events.push_back(EventAt(offset));
  const char* const kEntities[4][2] = {{"a", "bc"}, {"ab", "c"}, {"a", "bc"}, {"a", ""}};
  for (size_t i = 0; i < 4; ++i) {
    block->events[i].type = kEntities[i][0];
    block->events[i].subject = kEntities[i][1];
  }
  FrameBuilder builder(spec, 0, 10'000);
  builder.Add(block);
  EXPECT_EQ(builder.Finish(kEpoch)->bytes, "E 1 2 3 -1 >4;");
}

}  // namespace
}  // namespace gateway
