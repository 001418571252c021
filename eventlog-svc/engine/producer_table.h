// What the log remembers of its producers, so that a repeated batch is recognized and an old producer is kept out.
//
// The rules are those of Kafka's idempotent producer (KIP-98): an epoch fences the older ones; within an epoch the
// sequence numbers of events are dense; the last batches are remembered with their offsets.

#ifndef EVENTLOG_SVC_ENGINE_PRODUCER_TABLE_H_
#define EVENTLOG_SVC_ENGINE_PRODUCER_TABLE_H_

#include <cstdint>
#include <deque>
#include <list>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "absl/container/flat_hash_map.h"
#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "absl/time/time.h"
#include "eventlog-svc/engine/log.h"

namespace eventlog {

struct ProducerTableOptions {
  // Beyond it the producer that appended longest ago is forgotten.
  size_t producers_max = 10'000;
  // How many of its last batches a producer can repeat; a client must not have more of them unanswered.
  size_t batches_max = 64;
};

// Not thread safe. What a group of batches changes is staged until the group is written, then committed or dropped.
class ProducerTable {
 public:
  // A batch that was taken before.
  struct Taken {
    int64_t first_sequence = 0;
    int64_t count = 0;
    int64_t first_offset = 0;
    absl::Time append_time;
    bool staged = false;  // it is in the group that is being put together: not written yet
  };

  explicit ProducerTable(const ProducerTableOptions& options) : options_(options) {}

  // Whether a batch of `count` events may be appended: nothing when it is new, the earlier one when it is a repeat.
  // kFailedPrecondition PRODUCER_FENCED, SEQUENCE_GAP with `expected` and `actual`.
  absl::StatusOr<std::optional<Taken>> Check(const ProducerSequence& producer, int64_t count) const;
  // Notes a batch that Check found new.
  void Stage(const ProducerSequence& producer, int64_t count, int64_t first_offset, absl::Time append_time);
  void CommitStaged();
  void DropStaged();

  size_t size() const { return producers_.size(); }
  // The committed content as bytes, and back. Restore refuses with kDataLoss what Serialize did not write.
  std::string Serialize() const;
  absl::Status Restore(absl::string_view bytes);

 private:
  struct Producer {
    int64_t epoch = 0;
    int64_t next_sequence = 0;
    std::deque<Taken> batches;             // oldest first
    std::list<std::string>::iterator use;  // in uses_
  };
  struct Staged {
    int64_t epoch = 0;
    int64_t next_sequence = 0;
    std::vector<Taken> batches;
  };

  // The committed producer at this point of its sequence, as the one that appended last; forgets another for a new one.
  Producer& Use(const std::string& id, int64_t epoch, int64_t next_sequence);
  void Remember(Producer& producer, const Taken& taken) const;

  const ProducerTableOptions options_;
  absl::flat_hash_map<std::string, Producer> producers_;
  std::list<std::string> uses_;  // longest ago first
  absl::flat_hash_map<std::string, Staged> staged_;
  // In the order of the group, so that a recovery, which sees batch after batch, forgets the same producers.
  std::vector<std::pair<ProducerSequence, Taken>> staged_order_;
};

}  // namespace eventlog

#endif  // EVENTLOG_SVC_ENGINE_PRODUCER_TABLE_H_
