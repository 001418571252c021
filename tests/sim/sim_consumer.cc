#include "tests/sim/sim_consumer.h"

#include <utility>
#include <variant>

#include "absl/strings/str_cat.h"
#include "tests/sim/page_check.h"

namespace eventlog {

SimConsumer::SimConsumer(std::string name, std::string cursor)
    : SimClient(std::move(name)), cursor_(std::move(cursor)) {}

int64_t SimConsumer::DrawOffset(SimWorld& world) const {
  // Now and then outside of the log.
  if (world.random.OneIn(8)) return world.model.head_offset() + world.random.Between(1, 3);
  return world.random.OneIn(16) ? -1 : world.random.Below(world.model.head_offset() + 1);
}

absl::Status SimConsumer::ReadOn(SimWorld& world) {
  ReadOptions options;
  options.from = position_;
  options.records_max = world.random.Between(1, 20);
  options.bytes_max = static_cast<size_t>(world.random.Between(1, 2000));
  const int64_t broken = world.disk.failures().reads;
  const absl::StatusOr<RecordPage> page = world.log.Read(options);
  const bool read_broke = world.disk.failures().reads > broken;
  if (page.ok()) position_ = page->next_offset;
  world.trace.Add(absl::StrCat("  ", name(), ": reads from ", options.from, " to ", position_));
  return CheckPage(world.model, options, page, read_broke);
}

absl::Status SimConsumer::Act(SimWorld& world) {
  SimRandom& random = world.random;
  const int64_t what = random.Below(16);
  if (what < 7) return ReadOn(world);
  if (what < 11) {
    Send(world, LogChange(CommitCursor{cursor_, position_, generation_}));
  } else if (what < 13) {
    Send(world, LogChange(TakeCursor{cursor_}));
  } else if (what == 13) {
    Send(world, LogChange(CommitCursor{cursor_, DrawOffset(world), random.Below(generation_ + 2)}));
  } else if (what == 14) {
    Send(world, LogChange(ResetCursor{cursor_, DrawOffset(world)}));
  } else if (random.OneIn(2)) {
    Send(world, LogChange(DeleteCursor{cursor_}));
  }
  return absl::OkStatus();
}

void SimConsumer::OnAnswer(const SimRequest& request, bool is_lost) {
  if (is_lost || !request.status.ok()) return;
  const auto& change = std::get<LogChange>(request.what);
  if (!std::holds_alternative<TakeCursor>(change)) return;
  generation_ = request.cursor.generation;
  position_ = request.cursor.next_offset;
}

}  // namespace eventlog
