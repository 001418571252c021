#include "tests/sim/model_producers.h"

#include <algorithm>
#include <utility>

namespace eventlog {

const ModelProducers::Producer* ModelProducers::Find(absl::string_view id) const {
  const auto found =
      std::find_if(producers_.begin(), producers_.end(), [&](const Producer& known) { return known.id == id; });
  return found == producers_.end() ? nullptr : &*found;
}

ModelProducers::Verdict ModelProducers::Judge(const ProducerSequence& batch, int64_t count) const {
  Verdict verdict;
  const Producer* const known = Find(batch.id);
  if (known == nullptr || batch.epoch > known->epoch) {
    if (batch.first_sequence != 0) verdict.refusal = "SEQUENCE_GAP";
    return verdict;
  }
  if (batch.epoch < known->epoch) {
    verdict.refusal = "PRODUCER_FENCED";
    return verdict;
  }
  const Batch& last = known->batches.back();
  if (batch.first_sequence == last.first_sequence + last.count) return verdict;
  for (const Batch& taken : known->batches) {
    if (taken.first_sequence != batch.first_sequence || taken.count != count) continue;
    return {"", true, taken.first_offset, taken.append_time};
  }
  verdict.refusal = "SEQUENCE_GAP";
  return verdict;
}

void ModelProducers::Take(const ProducerSequence& batch, int64_t count, int64_t first_offset, absl::Time append_time) {
  Producer producer{batch.id, batch.epoch, {}};
  const auto known =
      std::find_if(producers_.begin(), producers_.end(), [&](const Producer& other) { return other.id == batch.id; });
  if (known != producers_.end()) {
    if (known->epoch == batch.epoch) producer.batches = std::move(known->batches);
    producers_.erase(known);
  }
  producer.batches.push_back({batch.first_sequence, count, first_offset, append_time});
  producers_.push_back(std::move(producer));
}

void ModelProducers::Forget(const ProducerTableOptions& limits) {
  while (producers_.size() > limits.producers_max) producers_.erase(producers_.begin());
  for (Producer& producer : producers_) {
    while (producer.batches.size() > limits.batches_max) producer.batches.erase(producer.batches.begin());
  }
}

}  // namespace eventlog
