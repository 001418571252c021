// What the consumers and the keeper of a log know of its cursors and of its start, kept outside of the process that is
// tested. Whatever happened to the log, its state is held against that.
//
// The rules are those of engine/log.h, written down once more: they share nothing with the engine's own tables.

#ifndef TESTS_SUPPORT_STATE_ORACLE_H_
#define TESTS_SUPPORT_STATE_ORACLE_H_

#include <cstdint>
#include <map>
#include <string>
#include <tuple>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "eventlog-svc/engine/log.h"

namespace eventlog {

// All that one sees of a log's state; settings aside.
struct StateContents {
  struct Place {
    int64_t next_offset = 0;
    int64_t generation = 0;
    bool operator==(const Place& other) const {
      return std::tie(next_offset, generation) == std::tie(other.next_offset, other.generation);
    }
  };

  std::map<std::string, Place> cursors;
  int64_t start_offset = 0;

  bool operator==(const StateContents& other) const {
    return std::tie(cursors, start_offset) == std::tie(other.cursors, other.start_offset);
  }
};

StateContents ReadState(const Log& log);

// A value: copies are independent. Not thread safe. Changes are sent in groups, each of which the log commits as one;
// the next group begins when all of the last one are answered.
class StateOracle {
 public:
  // Notes a change that is sent now and gives its number. `bounds` are the log's when its group is committed.
  int Send(const LogChange& change, const LogBounds& bounds);
  // What it was answered. kInternal when that is not what the change must give; after kUnavailable its fate is open;
  // with DISK_FULL nothing of its group may ever be seen.
  absl::Status Answered(int number, const absl::StatusOr<Cursor>& answer);
  // Somebody saw this.
  void Shown(const StateContents& contents);
  // The log was closed, and what it showed when it was opened again is all: what is open will not come any more.
  void Settle();

  // kInternal with a sentence when `contents` is neither what is known nor, as a whole, that with the open group.
  absl::Status Compare(const StateContents& contents) const;

  // With all that was sent.
  const StateContents& expected() const { return pending_.contents; }

 private:
  struct State {
    StateContents contents;
    int64_t last_generation = 0;
    // More than that when it cannot be told: an open group took a cursor and deleted it, which leaves nothing to see.
    int64_t last_generation_max = 0;
  };
  struct Sent {
    absl::StatusCode code = absl::StatusCode::kOk;
    StateContents::Place place;  // of the cursor, where the change is of one
    std::string cursor;
    int64_t generation_max = 0;  // it may be this one, and none in between
  };

  // The changes, in `state`; what each must be answered.
  static Sent Apply(const CommitCursor& change, const LogBounds& bounds, State& state);
  static Sent Apply(const TakeCursor& change, const LogBounds& bounds, State& state);
  static Sent Apply(const ResetCursor& change, const LogBounds& bounds, State& state);
  static Sent Apply(const DeleteCursor& change, const LogBounds& bounds, State& state);
  static Sent Apply(const TrimLog& change, const LogBounds& bounds, State& state);
  static Sent Apply(const ChangeSettings& change, const LogBounds& bounds, State& state) { return {}; }

  State known_;
  State pending_;  // known_ with the open group
  std::vector<Sent> sent_;
};

}  // namespace eventlog

#endif  // TESTS_SUPPORT_STATE_ORACLE_H_
