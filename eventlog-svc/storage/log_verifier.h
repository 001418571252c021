// Holds every stored byte of a log against its checksums, segment by segment, and says what is lost.
//
// Checked are the segment's header, each batch (its checksum covers its place; BatchScanner), that no offset is
// missing within and between the segments, and the index file against the segment. Reads one chunk or one batch at a
// time; what it reports of one segment is bounded.

#ifndef EVENTLOG_SVC_STORAGE_LOG_VERIFIER_H_
#define EVENTLOG_SVC_STORAGE_LOG_VERIFIER_H_

#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "eventlog-svc/engine/log.h"
#include "eventlog-svc/storage/batch_scanner.h"
#include "eventlog-svc/storage/segment_header.h"
#include "eventlog-svc/storage/stored_segment.h"

namespace eventlog {

// What was found in one segment.
struct SegmentReport {
  std::string file;
  int64_t base_offset = 0;
  int64_t next_offset = 0;  // behind its last record, lost ones included
  int64_t record_count = 0;
  int64_t byte_count = 0;
  int64_t lost_record_count = 0;
  // Not damage: what the next opening of a log that is not in use cuts off.
  int64_t torn_bytes = 0;
  std::vector<Gap> gaps;              // at most LogVerifier::kGapsMax: the last one then reaches over those behind it
  std::vector<std::string> problems;  // at most LogVerifier::kProblemsMax and one that says so

  bool damaged() const { return !gaps.empty() || !problems.empty(); }
};

struct VerifySummary {
  int64_t segment_count = 0;
  int64_t record_count = 0;
  int64_t byte_count = 0;
  int64_t damaged_segment_count = 0;
  int64_t lost_record_count = 0;
};

// Hears what is whole, in the order of the log. Each member may be left out.
struct VerifyVisitor {
  // Before a segment's batches; its header, when that is whole.
  std::function<void(const StoredSegment& segment, const SegmentHeader* header)> on_segment;
  // `body` is the run of records, or what a state batch holds.
  std::function<void(const BatchHeader& header, absl::string_view body)> on_batch;
  std::function<void(const Gap& gap)> on_gap;
};

struct LogVerifierOptions {
  // Asked between batches; true ends the check with kCancelled.
  std::function<bool()> cancelled;
  // Of a log in use, its start now: a segment that was trimmed meanwhile is no damage. Left out: the log begins with
  // its first segment.
  std::function<int64_t()> start_offset;
  VerifyVisitor visitor;
};

// Not thread safe. A failed read is a finding, not an error.
class LogVerifier {
 public:
  static constexpr size_t kGapsMax = 1000;
  static constexpr size_t kProblemsMax = 100;

  // Oldest first.
  LogVerifier(std::vector<StoredSegment> segments, LogVerifierOptions options);

  // Checks the next segment; nothing when there is none left. kCancelled is its only error.
  absl::StatusOr<std::optional<SegmentReport>> Next();
  // Of the segments so far.
  const VerifySummary& summary() const { return summary_; }

 private:
  class IndexCheck;

  // Learns the log's epoch and salt from the newest segment whose header is whole.
  void FindIdentity();
  bool IsTrimmed(size_t number) const;
  absl::Status CheckSegment(const StoredSegment& segment, const StoredContent& content, std::optional<int64_t> due,
                            SegmentReport& report);
  // Returns where the batches begin.
  int64_t CheckHeader(const StoredSegment& segment, const StoredContent& content, SegmentReport& report);
  // Up to `known_end` there must be batches; 0: zeros may follow anywhere.
  absl::Status CheckBatches(BatchScanner& scanner, int64_t known_end, IndexCheck& index, SegmentReport& report);
  void AddGap(int64_t start_offset, int64_t next_offset, SegmentReport& report) const;

  const std::vector<StoredSegment> segments_;
  const LogVerifierOptions options_;
  std::optional<SegmentHeader> identity_;
  size_t next_ = 0;
  bool any_checked_ = false;
  VerifySummary summary_;
};

}  // namespace eventlog

#endif  // EVENTLOG_SVC_STORAGE_LOG_VERIFIER_H_
