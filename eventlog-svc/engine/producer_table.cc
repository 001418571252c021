#include "eventlog-svc/engine/producer_table.h"

#include <utility>

#include "absl/strings/str_cat.h"
#include "eventlog-svc/engine/error.h"
#include "eventlog-svc/storage/record_codec.h"

namespace eventlog {
namespace {

constexpr uint64_t kStateVersion = 1;
// Higher epochs and sequences are damage: what follows them must be a number too.
constexpr uint64_t kNumberMax = uint64_t{1} << 62;

absl::Status Fenced(const ProducerSequence& producer, int64_t epoch) {
  return Error(
      absl::StatusCode::kFailedPrecondition, "PRODUCER_FENCED",
      absl::StrCat("producer ", producer.id, " has epoch ", epoch, "; epoch ", producer.epoch,
                   " is over: take a higher one and begin at sequence 0"),
      {{"producer", producer.id}, {"expected", absl::StrCat(epoch)}, {"actual", absl::StrCat(producer.epoch)}});
}

absl::Status SequenceGap(const ProducerSequence& producer, int64_t expected) {
  return Error(
      absl::StatusCode::kFailedPrecondition, "SEQUENCE_GAP",
      absl::StrCat("producer ", producer.id, " continues at sequence ", expected, ", not at ", producer.first_sequence),
      {{"producer", producer.id},
       {"expected", absl::StrCat(expected)},
       {"actual", absl::StrCat(producer.first_sequence)}});
}

template <typename Batches>
std::optional<ProducerTable::Taken> FindRepeat(const Batches& batches, int64_t first_sequence, int64_t count) {
  for (const ProducerTable::Taken& taken : batches) {
    if (taken.first_sequence == first_sequence && taken.count == count) return taken;
  }
  return std::nullopt;
}

}  // namespace

absl::StatusOr<std::optional<ProducerTable::Taken>> ProducerTable::Check(const ProducerSequence& producer,
                                                                         int64_t count) const {
  const auto known = producers_.find(producer.id);
  const auto staged = staged_.find(producer.id);
  int64_t epoch = -1, expected = 0;
  if (known != producers_.end()) {
    epoch = known->second.epoch;
    expected = known->second.next_sequence;
  }
  if (staged != staged_.end()) {
    epoch = staged->second.epoch;
    expected = staged->second.next_sequence;
  }
  if (producer.epoch < epoch) return Fenced(producer, epoch);
  if (producer.epoch > epoch) expected = 0;
  if (producer.first_sequence == expected) return std::nullopt;
  if (producer.epoch == epoch) {
    std::optional<Taken> repeat;
    if (staged != staged_.end()) repeat = FindRepeat(staged->second.batches, producer.first_sequence, count);
    if (!repeat.has_value() && known != producers_.end() && known->second.epoch == epoch) {
      repeat = FindRepeat(known->second.batches, producer.first_sequence, count);
    }
    if (repeat.has_value()) return repeat;
  }
  return SequenceGap(producer, expected);
}

void ProducerTable::Stage(const ProducerSequence& producer, int64_t count, int64_t first_offset,
                          absl::Time append_time) {
  Staged& staged = staged_[producer.id];
  if (staged.epoch != producer.epoch) staged.batches.clear();
  staged.epoch = producer.epoch;
  staged.next_sequence = producer.first_sequence + count;
  const Taken taken{producer.first_sequence, count, first_offset, append_time, /*staged=*/true};
  staged.batches.push_back(taken);
  staged_order_.emplace_back(producer, taken);
}

void ProducerTable::CommitStaged() {
  for (auto& [sequence, taken] : staged_order_) {
    taken.staged = false;
    Remember(Use(sequence.id, sequence.epoch, taken.first_sequence + taken.count), taken);
  }
  DropStaged();
}

void ProducerTable::DropStaged() {
  staged_.clear();
  staged_order_.clear();
}

ProducerTable::Producer& ProducerTable::Use(const std::string& id, int64_t epoch, int64_t next_sequence) {
  auto at = producers_.find(id);
  if (at == producers_.end()) {
    if (producers_.size() >= options_.producers_max) {
      producers_.erase(uses_.front());
      uses_.pop_front();
    }
    at = producers_.try_emplace(id).first;
    at->second.use = uses_.insert(uses_.end(), id);
  } else {
    uses_.splice(uses_.end(), uses_, at->second.use);
  }
  Producer& producer = at->second;
  if (producer.epoch != epoch) producer.batches.clear();
  producer.epoch = epoch;
  producer.next_sequence = next_sequence;
  return producer;
}

void ProducerTable::Remember(Producer& producer, const Taken& taken) const {
  producer.batches.push_back(taken);
  if (producer.batches.size() > options_.batches_max) producer.batches.pop_front();
}

std::string ProducerTable::Serialize() const {
  std::string out;
  AppendVarint(kStateVersion, out);
  AppendVarint(producers_.size(), out);
  for (const std::string& id : uses_) {
    const Producer& producer = producers_.at(id);
    AppendVarint(id.size(), out);
    out += id;
    AppendVarint(static_cast<uint64_t>(producer.epoch), out);
    AppendVarint(static_cast<uint64_t>(producer.next_sequence), out);
    AppendVarint(producer.batches.size(), out);
    for (const Taken& taken : producer.batches) {
      AppendVarint(static_cast<uint64_t>(taken.first_sequence), out);
      AppendVarint(static_cast<uint64_t>(taken.count), out);
      AppendVarint(static_cast<uint64_t>(taken.first_offset), out);
      AppendVarint(static_cast<uint64_t>(absl::ToUnixNanos(taken.append_time)), out);
    }
  }
  return out;
}

absl::Status ProducerTable::Restore(absl::string_view bytes) {
  const absl::Status bad = Error(absl::StatusCode::kDataLoss, "DATA_CORRUPT", "the stored producers cannot be read");
  producers_.clear();
  uses_.clear();
  DropStaged();
  if (bytes.empty()) return absl::OkStatus();
  uint64_t version = 0, producers = 0;
  if (!ConsumeVarint(bytes, version) || version != kStateVersion || !ConsumeVarint(bytes, producers)) return bad;
  for (uint64_t i = 0; i < producers; ++i) {
    uint64_t id_bytes = 0, epoch = 0, next_sequence = 0, batches = 0;
    if (!ConsumeVarint(bytes, id_bytes) || id_bytes > bytes.size()) return bad;
    const std::string id(bytes.substr(0, id_bytes));
    bytes.remove_prefix(id_bytes);
    if (!ConsumeVarint(bytes, epoch) || !ConsumeVarint(bytes, next_sequence) || !ConsumeVarint(bytes, batches) ||
        epoch > INT64_MAX || next_sequence > kNumberMax || producers_.contains(id)) {
      return bad;
    }
    Producer& producer = Use(id, static_cast<int64_t>(epoch), static_cast<int64_t>(next_sequence));
    for (uint64_t k = 0; k < batches; ++k) {
      uint64_t first_sequence = 0, count = 0, first_offset = 0, nanos = 0;
      if (!ConsumeVarint(bytes, first_sequence) || !ConsumeVarint(bytes, count) ||
          !ConsumeVarint(bytes, first_offset) || !ConsumeVarint(bytes, nanos) || first_sequence > kNumberMax ||
          count == 0 || count > kNumberMax || first_offset > kNumberMax) {
        return bad;
      }
      Remember(producer, {static_cast<int64_t>(first_sequence), static_cast<int64_t>(count),
                          static_cast<int64_t>(first_offset), absl::FromUnixNanos(static_cast<int64_t>(nanos)), false});
    }
  }
  return bytes.empty() ? absl::OkStatus() : bad;
}

}  // namespace eventlog
