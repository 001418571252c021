// What FORMAT.md says of a log whose stored bytes were damaged while nobody had it open: whether it opens, which
// offsets are lost, where it goes on.
//
// It knows where each batch of the sound log lies, and asks of a damaged one only which of those bytes are not as they
// were: it finds no batch and computes no checksum itself.

#ifndef TESTS_FAULTS_DAMAGE_MODEL_H_
#define TESTS_FAULTS_DAMAGE_MODEL_H_

#include <cstdint>
#include <map>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include "absl/status/statusor.h"
#include "tests/support/fake_file_system.h"

namespace eventlog {

// The files of a log by their paths.
using StoredFiles = std::map<std::string, std::string>;

// What becomes of a damaged log.
struct DamageOutcome {
  bool opens = true;
  int64_t head_offset = 0;
  std::vector<std::pair<int64_t, int64_t>> lost;  // half open, apart from each other
  std::set<int64_t> damaged_segments;             // base offsets of those with damage that stays
  // Of the cursor that the log's state batches move.
  int64_t cursor_offset = 0;
  // Where the active segment is cut off; its length where it is not.
  int64_t cut_position = 0;
};

// Constant once it was learnt. Not thread safe before that.
class DamageModel {
 public:
  // Learns what is where in the sound log in `directory`; `cursor` is what its state batches move. The files' content
  // may later be no longer than what it is now.
  static absl::StatusOr<DamageModel> Learn(FakeFileSystem& files, const std::string& directory,
                                           const std::string& cursor);

  const StoredFiles& files() const { return files_; }
  const std::string& active_path() const { return segments_.back().path; }
  const std::string& sealed_path() const { return segments_.front().path; }
  // Of the sealed segment.
  const std::string& index_path() const { return segments_.front().index_path; }
  int64_t head_offset() const { return segments_.back().batches.back().next_offset; }
  // Behind the last batch of the active segment.
  int64_t end_position() const { return segments_.back().batches.back().end; }

  // `marks` are the sound contents that the active segment's mark has had, with what they say.
  using Marks = std::map<std::string, std::pair<int64_t, int64_t>>;
  void set_marks(Marks marks) { marks_ = std::move(marks); }

  DamageOutcome Predict(const StoredFiles& damaged) const;

 private:
  struct Batch {
    int64_t position = 0;
    int64_t end = 0;
    int64_t base_offset = 0;
    int64_t next_offset = 0;
    int64_t synced_offset = 0;
    int64_t cursor_offset = -1;  // where a state batch puts the cursor
  };
  struct SegmentPlaces {
    std::string path;
    std::string index_path, mark_path;
    int64_t base_offset = 0;
    int64_t first_position = 0;
    int64_t cursor_offset = 0;  // as the header says
    std::vector<Batch> batches;
  };
  struct Mark {
    int64_t position = 0;
    int64_t next_offset = 0;
  };

  static absl::StatusOr<SegmentPlaces> LearnSegment(FakeFileSystem& files, const std::string& directory,
                                                    const std::string& name, const std::string& cursor);
  // Whether [begin, end) of the file is as it was.
  bool IsWhole(const StoredFiles& damaged, const std::string& path, int64_t begin, int64_t end) const;
  // The closed segment ends just before its batch `next`, and lacks nothing but state batches: nobody can miss them, as
  // the state is in the next segment's header.
  bool EndsBeforeState(const StoredFiles& damaged, const SegmentPlaces& segment, size_t next) const;
  Mark MarkOf(const StoredFiles& damaged) const;
  // Follows the batches of the active segment as a restart does; sets where it ends.
  void FollowActive(const std::vector<bool>& whole, const Mark& mark, DamageOutcome& outcome) const;
  // Whether a whole batch from `next` on says that all before `due` was synced.
  bool IsProved(const std::vector<bool>& whole, size_t next, int64_t due) const;
  static void AddLost(int64_t begin, int64_t end, DamageOutcome& outcome);

  StoredFiles files_;
  std::vector<SegmentPlaces> segments_;
  Marks marks_;
};

}  // namespace eventlog

#endif  // TESTS_FAULTS_DAMAGE_MODEL_H_
