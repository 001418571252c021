#include "tests/sim/sim_producer.h"

#include <utility>
#include <variant>

#include "absl/strings/str_cat.h"
#include "eventlog-svc/engine/error.h"

namespace eventlog {
namespace {

constexpr size_t kAnsweredMax = 12;

}  // namespace

SimProducer::SimProducer(std::string name, std::string id) : SimClient(std::move(name)), id_(std::move(id)) {}

std::vector<std::string> SimProducer::MakeTexts(SimRandom& random) {
  std::vector<std::string> texts(static_cast<size_t>(random.OneIn(8) ? random.Between(5, 12) : random.Between(1, 3)));
  for (size_t i = 0; i < texts.size(); ++i) {
    const int64_t filling = random.OneIn(16) ? random.Between(400, 1500) : random.Between(0, 80);
    texts[i] = absl::StrCat(name(), "/", batches_, "/", i, "/", texts.size(), "/");
    texts[i].append(static_cast<size_t>(filling), static_cast<char>('a' + random.Below(26)));
  }
  ++batches_;
  return texts;
}

void SimProducer::BeginEpoch(int64_t epoch) {
  epoch_ = epoch;
  next_sequence_ = 0;
  unanswered_.clear();
}

SimAppend SimProducer::MakeNew(SimRandom& random) {
  SimAppend append{MakeTexts(random), std::nullopt, std::nullopt, Durability::kDefault};
  if (!id_.empty()) {
    append.producer = ProducerSequence{id_, epoch_, next_sequence_};
    next_sequence_ += static_cast<int64_t>(append.texts.size());
  }
  if (random.OneIn(3)) append.durability = random.OneIn(2) ? Durability::kMemory : Durability::kFsync;
  return append;
}

SimAppend SimProducer::MakeWrong(SimRandom& random) {
  if (!answered_.empty() && random.OneIn(2)) {
    SimAppend again = answered_[static_cast<size_t>(random.Below(static_cast<int64_t>(answered_.size())))];
    again.stream = nullptr;
    if (random.OneIn(2)) again.durability = Durability::kFsync;
    // Not the same batch, although it begins with the same event.
    if (random.OneIn(4)) again.texts.push_back("more");
    return again;
  }
  SimAppend append{MakeTexts(random), std::nullopt, ProducerSequence{id_, epoch_, next_sequence_},
                   Durability::kDefault};
  if (epoch_ > 0 && random.OneIn(2)) {
    append.producer->epoch = random.Below(epoch_);
    append.producer->first_sequence = random.OneIn(2) ? 0 : next_sequence_;
  } else {
    append.producer->first_sequence += random.Between(1, 5);
  }
  return append;
}

absl::Status SimProducer::Act(SimWorld& world) {
  SimRandom& random = world.random;
  if (random.OneIn(12)) stream_ = random.OneIn(3) ? nullptr : std::make_shared<AppendOrder>();
  if (id_.empty() || random.OneIn(2) || (unanswered_.empty() && !random.OneIn(4))) {
    SimAppend append = MakeNew(random);
    if (random.OneIn(6)) {
      const int64_t head = world.model.head_offset();
      append.expected_next_offset = random.OneIn(3) ? random.Below(head + 3) : head;
    }
    append.stream = stream_;
    Send(world, std::move(append));
  } else if (!unanswered_.empty() && !random.OneIn(8)) {
    SimAppend again = std::move(unanswered_.front().append);
    if (unanswered_.front().is_acknowledged) ++world.counts["retry across a lost acknowledgement"];
    unanswered_.pop_front();
    again.stream = stream_;
    if (random.OneIn(4)) again.durability = random.OneIn(3) ? Durability::kMemory : Durability::kFsync;
    Send(world, std::move(again));
  } else if (random.OneIn(4)) {
    BeginEpoch(epoch_ + random.Between(1, 2));
  } else {
    Send(world, MakeWrong(random));
  }
  return absl::OkStatus();
}

void SimProducer::OnAnswer(const SimRequest& request, bool is_lost) {
  const SimAppend& append = std::get<SimAppend>(request.what);
  // A stream ends with its first failure, and goes on as another.
  if (stream_ != nullptr && append.stream == stream_ && (is_lost || !request.status.ok())) {
    stream_ = std::make_shared<AppendOrder>();
  }
  if (!append.producer.has_value()) return;
  const std::string reason = is_lost ? "" : ErrorReason(request.status);
  if (is_lost || reason == "DISK_FULL" || reason == "STORAGE_FAILED" || reason == "OFFSET_MISMATCH" ||
      reason == "PRIOR_APPEND_FAILED") {
    if (append.producer->epoch != epoch_) return;
    unanswered_.push_back({append, is_lost && request.answers > 0 && request.status.ok()});
    if (reason == "OFFSET_MISMATCH") unanswered_.back().append.expected_next_offset.reset();
  } else if (reason == "PRODUCER_FENCED" || reason == "SEQUENCE_GAP") {
    // The newest life goes on; what an older one hears is of no use any more.
    if (append.producer->epoch == epoch_ && append.producer->first_sequence < next_sequence_) BeginEpoch(epoch_ + 1);
  } else {
    answered_.push_back(append);
    if (answered_.size() > kAnsweredMax) answered_.pop_front();
  }
}

}  // namespace eventlog
