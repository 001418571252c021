// What must hold of a log on a sound disk, whatever happened to it before: nothing that was acknowledged or shown is
// missing, nothing is there by halves or twice, and the log goes on.
//
// Errors are kInternal with a sentence that says what is broken and where. No threads; nothing is kept between calls.

#ifndef TESTS_FAULTS_AFTERMATH_H_
#define TESTS_FAULTS_AFTERMATH_H_

#include <cstdint>

#include "absl/status/status.h"
#include "absl/strings/string_view.h"
#include "eventlog-svc/engine/log.h"
#include "tests/support/append_oracle.h"
#include "tests/support/fake_file_system.h"

namespace eventlog {

// `status`, as a broken promise found at `where`.
absl::Status Within(const absl::Status& status, absl::string_view where);

// Holds the log against what is known, repeats what is open, and appends. `head` is what readers could see before.
absl::Status GoOn(Log& log, int64_t head, AppendOracle& oracle);

// The power goes, and takes all that was not synced; then the log is opened and held against what is known. Nobody may
// have `files` in use.
absl::Status LookAfterCut(FakeFileSystem& files, const AppendOracle& oracle);

}  // namespace eventlog

#endif  // TESTS_FAULTS_AFTERMATH_H_
