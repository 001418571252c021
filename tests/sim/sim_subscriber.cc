#include "tests/sim/sim_subscriber.h"

#include <algorithm>
#include <utility>
#include <variant>

#include "absl/strings/str_cat.h"
#include "eventlog-svc/engine/error.h"
#include "tests/sim/page_check.h"

namespace eventlog {
namespace {

absl::Status Broken(absl::string_view what) { return absl::InternalError(absl::StrCat("a subscription: ", what)); }

SubscriptionStart DrawStart(SimWorld& world) {
  SimRandom& random = world.random;
  const auto& records = world.model.records();
  switch (random.Below(5)) {
    case 0:
      return StartEarliest();
    case 1:
      return StartAtOffset{random.Between(0, world.model.head_offset() + 1)};
    case 2:
      // That of a record: from a time to come on a subscription leaves out what is older.
      if (records.empty()) return StartEarliest();
      return StartAtTime{records[static_cast<size_t>(random.Below(world.model.head_offset()))].append_time};
    case 3:
      return StartAtTail{random.Between(0, 30)};
    default:
      return StartLatest();
  }
}

}  // namespace

SimSubscriber::SimSubscriber(std::string name, std::string cursor)
    : SimClient(std::move(name)), cursor_(std::move(cursor)) {}

void SimSubscriber::End() {
  subscription_.reset();
  taken_.reset();
  position_.reset();
}

void SimSubscriber::Begin(SimWorld& world) {
  SubscriptionOptions options;
  options.records_max = world.random.Between(1, 20);
  options.bytes_max = static_cast<size_t>(world.random.Between(1, 3000));
  if (!taken_.has_value()) options.start = DrawStart(world);
  subscription_.emplace(world.log, std::move(options));
  if (taken_.has_value()) subscription_->HoldCursor(*taken_);
}

bool SimSubscriber::Holds(const SimWorld& world) const {
  const auto& cursors = world.model.state().cursors;
  const auto found = cursors.find(cursor_);
  return found != cursors.end() && found->second.generation == taken_->generation;
}

absl::Status SimSubscriber::Act(SimWorld& world) {
  if (!subscription_.has_value()) {
    if (!cursor_.empty() && !taken_.has_value()) {
      Send(world, LogChange(TakeCursor{cursor_}));
      return absl::OkStatus();
    }
    Begin(world);
  }
  if (taken_.has_value() && position_.has_value() && world.random.OneIn(4)) {
    Send(world, LogChange(CommitCursor{cursor_, *position_, taken_->generation}));
    return absl::OkStatus();
  }
  for (int64_t i = world.random.Between(1, 4); i > 0 && subscription_.has_value(); --i) {
    const absl::Status sound = Next(world);
    if (!sound.ok()) return sound;
  }
  return absl::OkStatus();
}

absl::Status SimSubscriber::Next(SimWorld& world) {
  const bool held = taken_.has_value();
  const bool holds = !held || Holds(world);
  const int64_t broken = world.disk.failures().reads;
  const absl::StatusOr<SubscriptionMessage> message = subscription_->Next(world.clock.Now());
  const bool read_broke = world.disk.failures().reads > broken;
  if (!message.ok()) {
    const std::string reason = ErrorReason(message.status());
    const bool right = (reason == "STORAGE_FAILED" && read_broke) || (reason == "OFFSET_OUT_OF_RANGE" && !held);
    End();
    return right ? absl::OkStatus() : Broken(message.status().ToString());
  }
  world.trace.Add(absl::StrCat("  ", name(), ": message ", message->index(), " at ", position_.value_or(-1)));
  if (const auto* ended = std::get_if<EndedMessage>(&*message)) {
    const bool right = !holds && ended->reason == EndReason::kCursorTaken;
    End();
    return right ? absl::OkStatus() : Broken("ended for nothing");
  }
  if (!holds && position_.has_value()) return Broken("goes on although somebody else holds its cursor");
  return Check(world, *message);
}

absl::Status SimSubscriber::Check(const SimWorld& world, const SubscriptionMessage& message) {
  if (const auto* started = std::get_if<StartedMessage>(&message)) {
    if (position_.has_value()) return Broken("started twice");
    position_ = started->next_offset;
    const bool right = !taken_.has_value() || *position_ == taken_->next_offset;
    return right ? absl::OkStatus() : Broken(absl::StrCat("starts at ", *position_, ", not at its cursor"));
  }
  if (std::holds_alternative<NothingNow>(message) || std::holds_alternative<StillScanning>(message)) {
    return absl::OkStatus();
  }
  if (!position_.has_value()) return Broken("a message before it started");
  if (const auto* batch = std::get_if<BatchMessage>(&message)) {
    const absl::Status sound = CheckRun(world.model, batch->records.view(), *position_, batch->record_count);
    const bool goes_on = batch->record_count > 0 && batch->next_offset == *position_ + batch->record_count;
    position_ = batch->next_offset;
    return !sound.ok() || goes_on ? sound : Broken("goes on somewhere else");
  }
  if (const auto* gap = std::get_if<GapMessage>(&message)) {
    const bool right = gap->gap.reason == GapReason::kTrimmed && gap->gap.start_offset == *position_ &&
                       gap->gap.next_offset == world.model.start_offset();
    position_ = gap->gap.next_offset;
    return right ? absl::OkStatus() : Broken("a gap that is none");
  }
  const auto* caught_up = std::get_if<CaughtUpMessage>(&message);
  const int64_t said = caught_up != nullptr ? caught_up->next_offset : std::get<HeartbeatMessage>(message).next_offset;
  if (said != *position_) return Broken("tells of another place");
  return caught_up == nullptr || said == world.model.head_offset() ? absl::OkStatus() : Broken("is not caught up");
}

void SimSubscriber::OnAnswer(const SimRequest& request, bool is_lost) {
  if (is_lost || !request.status.ok()) return;
  if (!std::holds_alternative<TakeCursor>(std::get<LogChange>(request.what)) || subscription_.has_value()) return;
  taken_ = request.cursor;
}

}  // namespace eventlog
