// What the clients of one log know of it while its service is killed again and again: what they sent, what was
// answered, what they were shown. After each restart the log is held against that, from the place on that was looked at
// last.
//
// It has two producers. The numbered one names its sequence, and repeats what was not answered; its batches are in the
// log each once and in order. The plain one does not: what was not answered is there once or not at all.

#ifndef TESTS_CRASH_KILLED_LOG_ORACLE_H_
#define TESTS_CRASH_KILLED_LOG_ORACLE_H_

#include <cstdint>
#include <deque>
#include <map>
#include <optional>
#include <random>
#include <set>
#include <string>
#include <vector>

#include "absl/base/thread_annotations.h"
#include "absl/status/status.h"
#include "absl/synchronization/mutex.h"
#include "absl/time/time.h"
#include "proto/eventlog/v1/cursors.pb.h"
#include "proto/eventlog/v1/event_log.pb.h"
#include "proto/eventlog/v1/log_admin.pb.h"

namespace eventlog {

// Thread safe. What is answered wrongly is kept as the first failure, which Check returns.
class KilledLogOracle {
 public:
  // What a restarted service says that it has.
  struct Found {
    v1::LogStats stats;
    std::vector<v1::Record> records;  // from CheckFrom() to the head
  };
  static constexpr char kHeld[] = "held";

  struct Counts {
    int64_t acknowledged = 0;  // batches
    int64_t repeated = 0;      // batches sent again, because their answer was lost
    int64_t known_again = 0;   // and of these, the ones that were stored: only the acknowledgement was lost
    int64_t trims = 0;
    int64_t commits = 0;
    int64_t checked_records = 0;
  };

  KilledLogOracle(std::string log, uint32_t seed);

  const std::string& log() const { return log_; }

  // The numbered producer: what it has to repeat, oldest first, and perhaps one that was answered before; then new
  // ones.
  std::vector<int64_t> NumberedToRepeat();
  int64_t NextNumbered();
  v1::AppendRequest Numbered(int64_t number);
  void NumberedAnswered(int64_t number, const v1::AppendResponse& response);

  // The plain producer, whose requests may name the offset that they expect.
  v1::AppendRequest NextPlain();
  void PlainAnswered(const v1::AppendRequest& request, const v1::AppendResponse& response);
  // It was refused: nothing of it may ever be seen.
  void PlainRefused(const v1::AppendRequest& request);

  // One at a time of each of these.
  v1::CommitCursorRequest NextCommit();
  void Committed(const v1::CommitCursorRequest& request, const v1::Cursor& answer);
  // Nothing when all that may go is gone.
  std::optional<v1::TrimLogRequest> NextTrim();
  void Trimmed(const v1::TrimLogRequest& request, const v1::TrimLogResponse& answer);

  // A reader saw it.
  void Shown(const v1::Record& record);
  // A reader took the cursor kHeld, which it commits itself: it goes on where that was committed, under a generation
  // that nobody had. Whoever begins makes the cursor, at 0.
  void Taken(const v1::SubscribeResponse::Started& started);
  // Nothing where the log may be trimmed meanwhile.
  std::optional<v1::CommitCursorRequest> NextHeldCommit(int64_t next_offset);

  void Fail(const std::string& what);

  // The first offset that Check needs. With `all` everything is looked at once more.
  int64_t CheckFrom(const v1::LogStats& stats, bool all);
  // After a restart, before anything is sent: kInternal with a sentence when a promise was broken.
  absl::Status Check(const Found& found);

  Counts counts() const;

 private:
  struct Batch {
    bool numbered = false;
    int64_t number = 0;
    int64_t count = 0;
    absl::Time append_time;
  };
  struct NumberedBatch {
    int64_t first_sequence = 0;
    int64_t count = 0;
    int64_t first_offset = -1;  // once it is known
  };
  // A value that is known, and one that may have taken its place.
  struct Place {
    int64_t known = 0;
    std::optional<int64_t> open;
  };

  v1::AppendRequest Request(bool numbered, int64_t number, int64_t count) const;
  void FailLocked(const std::string& what) ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_);
  absl::Status CheckState(const v1::LogStats& stats) ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_);
  absl::Status CheckRecords(const Found& found) ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_);
  // The batch that begins at records[at] is new: it is whole, and one that may be there.
  absl::Status CheckBatch(const std::vector<v1::Record>& records, size_t at, Batch& batch)
      ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_);
  absl::Status Settle(const char* what, int64_t found, Place& place) ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_);
  size_t DigestAt(int64_t offset) const ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_);

  const std::string log_;
  mutable absl::Mutex mutex_;
  std::minstd_rand random_ ABSL_GUARDED_BY(mutex_);
  absl::Status failure_ ABSL_GUARDED_BY(mutex_);
  Counts counts_ ABSL_GUARDED_BY(mutex_);

  std::vector<NumberedBatch> numbered_ ABSL_GUARDED_BY(mutex_);
  size_t numbered_answered_ ABSL_GUARDED_BY(mutex_) = 0;
  size_t numbered_stored_ ABSL_GUARDED_BY(mutex_) = 0;  // as the last Check saw it
  std::vector<int64_t> plain_ ABSL_GUARDED_BY(mutex_);  // how many events each has
  std::set<int64_t> plain_refused_ ABSL_GUARDED_BY(mutex_);
  int64_t plain_stored_ ABSL_GUARDED_BY(mutex_) = -1;  // the newest

  std::map<int64_t, Batch> acknowledged_ ABSL_GUARDED_BY(mutex_);  // by first offset; since the last Check
  std::map<int64_t, size_t> shown_ ABSL_GUARDED_BY(mutex_);        // digests by offset; since the last Check
  int64_t acknowledged_head_ ABSL_GUARDED_BY(mutex_) = 0;

  std::map<std::string, Place> cursors_ ABSL_GUARDED_BY(mutex_);
  int64_t last_generation_ ABSL_GUARDED_BY(mutex_) = 0;
  Place start_ ABSL_GUARDED_BY(mutex_);

  // Digests of all records from start_ to what was looked at.
  std::deque<size_t> digests_ ABSL_GUARDED_BY(mutex_);
  int64_t checked_ ABSL_GUARDED_BY(mutex_) = 0;
  absl::Time newest_time_ ABSL_GUARDED_BY(mutex_) = absl::InfinitePast();
};

}  // namespace eventlog

#endif  // TESTS_CRASH_KILLED_LOG_ORACLE_H_
