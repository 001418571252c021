// The contract on cursors, trims and settings, written down once more: what the model expects of the log for each
// change (engine/log.h has the words).

#ifndef TESTS_SIM_MODEL_STATE_H_
#define TESTS_SIM_MODEL_STATE_H_

#include <cstdint>
#include <map>
#include <string>

#include "absl/time/time.h"
#include "eventlog-svc/engine/log.h"

namespace eventlog {

bool SameCursor(const Cursor& a, const Cursor& b);
// create_time too.
bool SameSettings(const LogSettings& a, const LogSettings& b);

// A value: copies are independent.
struct ModelState {
  struct Verdict {
    std::string refusal;  // its reason; empty: the change is made
    Cursor cursor;        // as it is then, after a change of a cursor
    bool changes = false;
  };

  // Makes the change, or says why it is refused. `published` is what was published before the group, `now` the group's
  // append time.
  Verdict Apply(const LogChange& change, const LogBounds& published, absl::Time now);

  bool operator==(const ModelState& other) const;

  int64_t start_offset = 0;
  std::map<std::string, Cursor> cursors;
  int64_t last_generation = 0;
  LogSettings settings;

 private:
  Verdict Commit(const CommitCursor& change, const LogBounds& published, absl::Time now);
  Verdict Trim(const TrimLog& change, const LogBounds& published);
};

}  // namespace eventlog

#endif  // TESTS_SIM_MODEL_STATE_H_
