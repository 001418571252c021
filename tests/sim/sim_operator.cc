#include "tests/sim/sim_operator.h"

#include <algorithm>

#include "absl/strings/str_cat.h"
#include "absl/time/time.h"
#include "eventlog-svc/engine/retention_keeper.h"

namespace eventlog {
namespace {

LogSettings DrawSettings(SimRandom& random) {
  LogSettings settings;
  if (random.OneIn(3)) settings.age_max = absl::Seconds(random.Between(1, 2000));
  if (random.OneIn(3)) settings.bytes_max = random.Between(1, 20'000);
  if (random.OneIn(3)) settings.records_max = random.Between(1, 60);
  settings.keep_for_cursors = random.OneIn(2);
  if (random.OneIn(2)) settings.default_durability = random.OneIn(3) ? Durability::kFsync : Durability::kMemory;
  return settings;
}

// What retention may remove, from what the records and settings say; segments are the log's own.
int64_t ExpectedStart(const LogModel& model, int64_t start_for_bytes, absl::Time now) {
  const LogSettings& settings = model.state().settings;
  int64_t start = model.start_offset();
  if (settings.records_max > 0) start = std::max(start, model.head_offset() - settings.records_max);
  if (settings.bytes_max > 0) start = std::max(start, start_for_bytes);
  if (settings.age_max > absl::ZeroDuration()) {
    int64_t young = model.start_offset();
    while (young < model.head_offset() &&
           model.records()[static_cast<size_t>(young)].append_time < now - settings.age_max) {
      ++young;
    }
    start = std::max(start, young);
  }
  if (settings.keep_for_cursors) {
    for (const auto& [name, cursor] : model.state().cursors) start = std::min(start, cursor.next_offset);
  }
  return std::max(start, model.start_offset());
}

}  // namespace

absl::Status SimOperator::Retain(SimWorld& world) {
  const absl::Time now = world.clock.Now();
  const LogSettings settings = world.log.settings();
  const absl::StatusOr<int64_t> start = RetainedStart(world.log, now);
  const bool is_sound = world.reads_are_sound();
  if (!start.ok()) return is_sound ? absl::InternalError("retention failed for nothing") : absl::OkStatus();
  const int64_t expected = ExpectedStart(world.model, world.log.StartForBytes(settings.bytes_max), now);
  if (*start > expected || (is_sound && *start != expected)) {
    return absl::InternalError(absl::StrCat("retention would trim to ", *start, ", not ", expected));
  }
  if (*start > world.model.start_offset()) Send(world, LogChange(TrimLog{*start, settings}));
  return absl::OkStatus();
}

absl::Status SimOperator::Act(SimWorld& world) {
  SimRandom& random = world.random;
  const int64_t what = random.Below(8);
  if (what < 4) return Retain(world);
  if (what < 6) {
    Send(world, LogChange(ChangeSettings{DrawSettings(random)}));
  } else {
    const int64_t head = world.model.head_offset();
    const int64_t least = std::max<int64_t>(-1, head - 40);
    Send(world, LogChange(TrimLog{random.OneIn(16) ? head + 1 : random.Between(least, head)}));
  }
  return absl::OkStatus();
}

}  // namespace eventlog
