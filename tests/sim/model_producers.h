// The contract on producers, written down once more (design.md, section 2, 5): what the model expects of the log for a
// numbered batch. Deliberately plain: a list of what was taken, searched from the end.

#ifndef TESTS_SIM_MODEL_PRODUCERS_H_
#define TESTS_SIM_MODEL_PRODUCERS_H_

#include <cstdint>
#include <string>
#include <vector>

#include "absl/strings/string_view.h"
#include "absl/time/time.h"
#include "eventlog-svc/engine/log.h"
#include "eventlog-svc/engine/producer_table.h"

namespace eventlog {

// A value: copies are independent.
class ModelProducers {
 public:
  struct Verdict {
    std::string refusal;     // its reason; empty: the batch is new or a repeat
    bool is_repeat = false;  // then of a batch that is at first_offset since append_time
    int64_t first_offset = 0;
    absl::Time append_time;
  };

  Verdict Judge(const ProducerSequence& batch, int64_t count) const;
  // A new batch, taken.
  void Take(const ProducerSequence& batch, int64_t count, int64_t first_offset, absl::Time append_time);
  // Forgets what the limits say, once all of a group is taken up to here.
  void Forget(const ProducerTableOptions& limits);

 private:
  struct Batch {
    int64_t first_sequence;
    int64_t count;
    int64_t first_offset;
    absl::Time append_time;
  };
  struct Producer {
    std::string id;
    int64_t epoch;
    std::vector<Batch> batches;  // of this epoch, oldest first; never empty
  };

  const Producer* Find(absl::string_view id) const;

  std::vector<Producer> producers_;  // the one that appended longest ago first
};

}  // namespace eventlog

#endif  // TESTS_SIM_MODEL_PRODUCERS_H_
