// A small log of a sealed segment and an active one, which is damaged on disk in a way that the test says, and then
// looked at in all ways: by the verifier, by opening it, by readers in both directions, by the next append.

#ifndef TESTS_FAULTS_DAMAGED_LOG_H_
#define TESTS_FAULTS_DAMAGED_LOG_H_

#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "eventlog-svc/engine/commit_metrics.h"
#include "eventlog-svc/engine/embedded/embedded_stores.h"
#include "eventlog-svc/engine/group_committer.h"
#include "eventlog-svc/storage/stored_segment.h"
#include "tests/faults/damage_model.h"
#include "tests/support/fake_file_system.h"
#include "tests/support/log_driver.h"

namespace eventlog {

enum class LogEnd {
  kClosed,    // its mark covers all of it
  kKilled,    // its mark is of an earlier opening
  kUnmarked,  // it has no mark
};

// The log as it is open on a file system, without threads.
class OpenedStore {
 public:
  // kDataLoss and so on as the engine gives it. `files` must outlive it.
  static absl::StatusOr<std::unique_ptr<OpenedStore>> Open(FakeFileSystem& files, int64_t segment_bytes);

  BatchStore& store() { return *opened_.store; }
  const LogState& state() const { return *opened_.state; }
  // Appends, each a batch of one event, and moves the cursor if it is not negative; all as one group.
  absl::Status Commit(const std::vector<std::string>& texts, int64_t cursor_offset);
  // Where the active segment ends.
  int64_t end_position() const;

 private:
  OpenedStore(FakeFileSystem& files, int64_t segment_bytes);

  EmbeddedStores stores_;
  const int64_t segment_bytes_;
  StoreFactory::Opened opened_;
  CommitMetrics metrics_;
  std::unique_ptr<GroupCommitter> committer_;
};

// Constant once it is made; Look may be called again and again.
class DamagedLog {
 public:
  // `segment_bytes` is about the length of each of its two segments.
  static absl::StatusOr<DamagedLog> Make(int64_t segment_bytes, LogEnd end);

  const DamageModel& model() const { return model_; }
  // The files as they were at earlier moments, oldest first.
  const std::vector<StoredFiles>& older() const { return older_; }

  // Puts `damaged` in the place of those files and holds the log against what FORMAT.md says. kInternal with a sentence
  // when it does something else.
  absl::Status Look(const StoredFiles& damaged) const;
  // The same, without the sealed segment's index or the active one's mark.
  absl::Status LookWithout(const std::string& path) const;

 private:
  struct Stored {
    std::string wire;
    absl::Time append_time;
  };

  absl::Status Fill(FakeFileSystem& files, LogEnd end);
  absl::Status LookAtOpened(FakeFileSystem& files, const StoredFiles& damaged, const DamageOutcome& expected) const;
  // All that readers get of the store.
  absl::Status CheckForward(const BatchStore& store, const DamageOutcome& expected) const;
  absl::Status CheckBackward(const BatchStore& store, const DamageOutcome& expected) const;
  // The records from `from` on are as they were stored.
  absl::Status CheckPage(const RecordPage& page, int64_t from) const;
  size_t PageBytes() const { return static_cast<size_t>(segment_bytes_ / 2); }
  absl::Status CheckReports(std::vector<StoredSegment> segments, const DamageOutcome& expected,
                            bool has_bad_index) const;
  // What was cut off the active segment is in a file of its own.
  absl::Status CheckTornTail(const FakeFileSystem& files, const StoredFiles& damaged,
                             const DamageOutcome& expected) const;

  int64_t segment_bytes_ = 0;
  FakeFileSystem::Image image_;
  DamageModel model_;
  std::vector<StoredFiles> older_;
  std::vector<Stored> records_;  // by offset
};

}  // namespace eventlog

#endif  // TESTS_FAULTS_DAMAGED_LOG_H_
