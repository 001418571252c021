// What the producers of a log know of it, kept outside of the process that is tested: what they sent, what was
// acknowledged where, what readers saw. Whatever happened to the log, its content is held against that.

#ifndef TESTS_SUPPORT_APPEND_ORACLE_H_
#define TESTS_SUPPORT_APPEND_ORACLE_H_

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "eventlog-svc/engine/log.h"
#include "tests/support/log_driver.h"

namespace eventlog {

// All that a reader gets of a log, from its start to its head.
struct LogContents {
  LogBounds bounds;
  std::vector<StoredEvent> events;
  std::vector<Gap> gaps;
};

// Reads the log in pages of at most `bytes_max`. An error of Read is returned; a scan that does not go on is kInternal.
absl::StatusOr<LogContents> ReadContents(const Log& log, size_t bytes_max = 256 * 1024);

// A value: copies are independent. Not thread safe. Batches have numbers, from 0; each event's text says which batch it
// is of, which event of how many, and has a filling that is computed, so that every byte can be told.
class AppendOracle {
 public:
  // Makes the next batch, with one event for each size of text; a `producer` other than "" numbers it. What it sends
  // counts as sent from now on.
  AppendBatch Send(const std::string& producer, const std::vector<size_t>& sizes);
  // The number of the batch that was made last.
  int last() const { return static_cast<int>(batches_.size()) - 1; }
  // The same batch once more.
  AppendBatch Again(int number) const;
  // What it was answered, in the order of the answers. After DISK_FULL, QUEUE_FULL, ABORTED and FAILED_PRECONDITION
  // nothing of it may ever be seen, and its sequence is free again; after any other error its fate is open.
  void Answered(int number, const absl::StatusOr<AppendResult>& answer);
  // Readers saw all of this.
  void Shown(const LogContents& contents);

  // kInternal with a sentence when `contents` breaks a promise: an acknowledged batch is not where it was acknowledged,
  // half a batch (the log's start aside), a batch twice, one that was refused or never sent, wrong bytes, offsets with
  // a hole that no gap explains, an append time that falls, also from one answer to a later one, other bytes at an
  // offset that was shown. A batch may be missing in a gap CORRUPT of exactly its offsets, when there are gaps: which
  // ones there may be, and where the log may start, is for the caller to say.
  absl::Status Compare(const LogContents& contents) const;

  // Repeats each numbered batch whose fate is open, and holds the answers against `contents`, what the log had before.
  // kInternal when a repeat is not known as one, or a new one is taken for a repeat; the log's own words when it takes
  // none now.
  absl::Status Repeat(Log& log, const LogContents& contents);

  int64_t acknowledged() const;

 private:
  enum class Fate { kOpen, kAcknowledged, kRefused };
  struct Batch {
    std::optional<ProducerSequence> producer;
    std::vector<size_t> sizes;
    Fate fate = Fate::kOpen;
    AppendResult result;
  };
  // Where batches are in a log: the first offset by number.
  using Places = std::map<int, int64_t>;

  static std::string Text(int number, size_t index, size_t count, size_t size);
  absl::Status CheckEvents(const LogContents& contents, Places& places) const;
  // The number of the batch whose events are at `at`, and how many of its first ones the log's start cut off.
  absl::Status CheckBatchAt(const LogContents& contents, size_t at, int& number, size_t& cut) const;

  std::vector<Batch> batches_;
  std::map<std::string, int64_t> next_sequence_;
  std::map<int64_t, int> shown_;  // first offset to number
  absl::Time newest_time_ = absl::InfinitePast();
  int fallen_time_ = -1;  // a batch whose answer had an append time before that of an earlier answer
};

}  // namespace eventlog

#endif  // TESTS_SUPPORT_APPEND_ORACLE_H_
