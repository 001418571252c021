// A log on disk: one folder with a file for each segment. FORMAT.md is the specification.

#ifndef EVENTLOG_SVC_STORAGE_SEGMENTED_LOG_H_
#define EVENTLOG_SVC_STORAGE_SEGMENTED_LOG_H_

#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/time/clock.h"
#include "absl/time/time.h"
#include "eventlog-svc/storage/batch_store.h"
#include "eventlog-svc/storage/file_system.h"
#include "eventlog-svc/storage/open_segments.h"
#include "eventlog-svc/storage/segment.h"
#include "eventlog-svc/storage/segment_format.h"
#include "eventlog-svc/storage/segment_header.h"
#include "eventlog-svc/storage/segment_list.h"
#include "eventlog-svc/storage/stored_segment.h"

namespace eventlog {

struct SegmentedLogOptions {
  int64_t segment_bytes_max = 64 * 1024 * 1024;
  int64_t index_interval_bytes = 32 * 1024;
  // Closed segments whose file stays open once it was read.
  size_t open_segments_max = 64;
  // Where segments' create times, and the epoch and salt of a new log come from.
  std::function<absl::Time()> clock = absl::Now;
  std::function<uint64_t()> random = RandomBits;
};

// What a restart finds in the active segment, in order: first the state that it begins with, then its batches.
struct RecoveryVisitor {
  std::function<absl::Status(absl::string_view state)> on_state;
  // `body` is the run of records, or what a state batch holds.
  std::function<absl::Status(const BatchHeader& header, absl::string_view body)> on_batch;
};

// Opening reads the active segment only, so that its time does not grow with the log.
class SegmentedLog : public BatchStore {
 public:
  // Opens the log in `directory`, or creates it there with `initial_state`. The file system must outlive it.
  static absl::StatusOr<std::unique_ptr<SegmentedLog>> Open(FileSystem& file_system, const std::string& directory,
                                                            const SegmentedLogOptions& options,
                                                            const RecoveryVisitor& visitor,
                                                            absl::string_view initial_state = "");

  bool WantsRoll(size_t group_bytes, int64_t segment_bytes_max) const override;
  absl::Status Roll(absl::string_view state) override;
  absl::Status Append(absl::Span<EncodedBatch> batches) override;
  absl::Status Sync() override;
  void Publish() override;
  void Trim(int64_t start_offset) override;
  // After Open: the state says that the log begins here. What is before it goes, as a crash kept it from being removed;
  // what should be there and is not, with its segment, is damage and not trimmed.
  void BeginAt(int64_t start_offset);
  bool HoldsMuch() const override;
  int64_t StateRoom() const override { return options_.segment_bytes_max + kStateReserveBytes - extent_.end_position; }
  // Writes the segment's SyncedMark.
  void Close() override;
  int64_t next_offset() const override { return extent_.next_offset; }
  int64_t synced_offset() const override { return synced_offset_; }
  absl::Time last_append_time() const override { return extent_.last_append_time; }

  const std::string& epoch() const override { return epoch_; }
  absl::StatusOr<RecordPage> Read(const ReadOptions& options) const override;
  absl::StatusOr<int64_t> OffsetAt(absl::Time time) const override;
  LogSize size() const override { return list_.size(); }
  int64_t StartForBytes(int64_t bytes_max) const override { return list_.StartForBytes(bytes_max); }
  std::vector<StoredSegment> stored_segments() const override;

 private:
  SegmentedLog(FileSystem& file_system, std::string directory, const SegmentedLogOptions& options);
  absl::Status CreateSegment(int64_t base_offset, absl::string_view state, absl::Time last_append_time);
  // The active segment got no record: its name is that of the next one.
  absl::Status ReplaceEmpty(absl::string_view state);
  void TidyClosed(const Segment& closed, File& file, int64_t bytes);
  void RemoveSegment(int64_t base_offset);
  absl::Status OpenActive(int64_t base_offset, const RecoveryVisitor& visitor);
  // Writes what may not be on the disk once more, so that the next sync means it.
  absl::Status WriteAgain(int64_t position, int64_t end);
  absl::Status CutTornTail(int64_t base_offset, int64_t bytes);
  absl::Status KeepAside(const std::string& path, absl::string_view bytes);
  // The segments before the active one; learns the log's size.
  absl::Status AddClosed(const std::vector<int64_t>& closed);
  absl::Status Poison(absl::Status status);
  // The append time of the oldest record that can be read; nothing when none says it.
  static std::optional<absl::Time> OldestTime(const SegmentList::Segments& segments);
  BatchSeal Seal(int64_t base_offset) const { return {salt_, base_offset}; }
  SegmentPlace Place(int64_t base_offset) { return {file_system_, open_segments_, directory_, Seal(base_offset)}; }
  std::string Path(int64_t base_offset, absl::string_view suffix) const;

  FileSystem& file_system_;
  const std::string directory_;
  const SegmentedLogOptions options_;
  OpenSegments open_segments_;
  // Constant after Open.
  std::string epoch_;
  uint64_t salt_ = 0;

  // The writer's.
  absl::Status failure_;
  std::shared_ptr<File> file_;
  std::shared_ptr<Segment> active_;
  int64_t first_position_ = 0;
  SegmentExtent extent_;
  int64_t synced_offset_ = 0;
  std::vector<std::pair<BatchHeader, int64_t>> unpublished_;

  SegmentList list_;
};

}  // namespace eventlog

#endif  // EVENTLOG_SVC_STORAGE_SEGMENTED_LOG_H_
