// What must hold of a log on a sound disk, whatever happened to it before: nothing that was acknowledged or shown is
// missing, nothing is there by halves or twice, and the log goes on.
//
// Errors are kInternal with a sentence that says what is broken and where. No threads; nothing is kept between calls.

#ifndef TESTS_FAULTS_AFTERMATH_H_
#define TESTS_FAULTS_AFTERMATH_H_

#include "absl/status/status.h"
#include "absl/strings/string_view.h"
#include "eventlog-svc/engine/log.h"
#include "tests/faults/scripted_run.h"
#include "tests/support/fake_file_system.h"

namespace eventlog {

// `status`, as a broken promise found at `where`.
absl::Status Within(const absl::Status& status, absl::string_view where);

// Holds the log against what is known, repeats what is open, appends, and takes a cursor. The log was just opened.
absl::Status GoOn(Log& log, KnownLog& known);

// The power goes, and takes all that was not synced; then the log is opened and held against what is known. Nobody may
// have `files` in use.
absl::Status LookAfterCut(FakeFileSystem& files, const KnownLog& known);

// Opens the log on `files`, lets it go on, and cuts the power behind that.
absl::Status Reopen(FakeFileSystem& files, KnownLog known);

}  // namespace eventlog

#endif  // TESTS_FAULTS_AFTERMATH_H_
