// What the producers of one run know of it: which events they sent, with what hash, and what they were told of each.

#ifndef PRODUCERS_LOAD_RUN_LEDGER_H_
#define PRODUCERS_LOAD_RUN_LEDGER_H_

#include <cstdint>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "absl/base/thread_annotations.h"
#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "absl/synchronization/mutex.h"

namespace eventlog {

// 16 bytes for each event. Thread safe; each producer has a lock of its own.
class RunLedger {
 public:
  static constexpr int64_t kNotAcknowledged = -1;
  struct Entry {
    uint64_t hash = 0;
    int64_t offset = kNotAcknowledged;  // where it was acknowledged
  };

  RunLedger(std::string run, int producers);

  const std::string& run() const { return run_; }
  int producers() const { return static_cast<int>(books_.size()); }
  // The producer's next event, sequence by sequence from 0.
  void Sent(int producer, uint64_t hash);
  // The last one was not sent after all: its number is free again.
  void Unsend(int producer);
  void Acknowledged(int producer, int64_t sequence, int64_t offset);
  // By sequence.
  std::vector<Entry> entries(int producer) const;
  int64_t sent() const;
  int64_t acknowledged() const;

 private:
  struct Book {
    mutable absl::Mutex mutex;
    std::vector<Entry> entries ABSL_GUARDED_BY(mutex);
    int64_t acknowledged ABSL_GUARDED_BY(mutex) = 0;
  };

  const std::string run_;
  std::vector<std::unique_ptr<Book>> books_;
};

// "0-99,101": the sequences that were acknowledged, for people and for the event bench.end.
std::string AcknowledgedRanges(const std::vector<RunLedger::Entry>& entries);
// The same back, as [first, last] pairs; kInvalidArgument when it is none.
absl::StatusOr<std::vector<std::pair<int64_t, int64_t>>> ParseRanges(absl::string_view text);

}  // namespace eventlog

#endif  // PRODUCERS_LOAD_RUN_LEDGER_H_
