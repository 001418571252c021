#include "tests/sim/sim_reader.h"

#include "absl/strings/str_cat.h"
#include "tests/sim/page_check.h"

namespace eventlog {

absl::Status SimReader::FindTime(SimWorld& world) {
  const auto& records = world.model.records();
  absl::Time time = world.clock.Now();
  if (!records.empty()) {
    time = records[static_cast<size_t>(world.random.Below(static_cast<int64_t>(records.size())))].append_time;
  }
  time += absl::Nanoseconds(world.random.Between(-1, 1));
  const int64_t broken = world.disk.failures().reads;
  const absl::StatusOr<int64_t> offset = world.log.OffsetAt(time);
  const bool read_broke = world.disk.failures().reads > broken;
  world.trace.Add(absl::StrCat("  ", name(), ": finds ", absl::FormatTime(time, absl::UTCTimeZone())));
  if (offset.ok()) position_ = *offset;
  return CheckOffsetAt(world.model, time, offset, read_broke);
}

absl::Status SimReader::Act(SimWorld& world) {
  SimRandom& random = world.random;
  if (random.OneIn(4)) return FindTime(world);
  if (random.OneIn(4)) {
    direction_ = random.OneIn(2) ? Direction::kForward : Direction::kBackward;
    position_ = random.Between(-1, world.model.head_offset() + 1);
  }
  ReadOptions options;
  options.from = position_;
  options.direction = direction_;
  options.records_max = random.Between(1, 30);
  options.bytes_max = static_cast<size_t>(random.Between(1, 4000));
  const int64_t broken = world.disk.failures().reads;
  const absl::StatusOr<RecordPage> page = world.log.Read(options);
  const bool read_broke = world.disk.failures().reads > broken;
  if (page.ok()) position_ = page->next_offset;
  world.trace.Add(absl::StrCat("  ", name(), ": reads ", direction_ == Direction::kForward ? "forward" : "backward",
                               " from ", options.from, " to ", position_));
  return CheckPage(world.model, options, page, read_broke);
}

}  // namespace eventlog
