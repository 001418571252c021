#include "tests/faults/aftermath.h"

#include <memory>
#include <utility>

#include "absl/status/statusor.h"
#include "absl/strings/str_cat.h"
#include "absl/synchronization/notification.h"
#include "tests/support/append_oracle.h"
#include "tests/support/log_driver.h"
#include "tests/support/state_oracle.h"

namespace eventlog {

absl::Status Within(const absl::Status& status, absl::string_view where) {
  return status.ok() ? status : absl::InternalError(absl::StrCat(where, ": ", status.message()));
}

namespace {

// All that one sees of the log is as it is known.
absl::Status Compare(const Log& log, const LogContents& contents, const KnownLog& known) {
  if (!contents.gaps.empty()) return absl::InternalError("a gap in a log that was not damaged");
  if (contents.bounds.head_offset < known.head) {
    return absl::InternalError(absl::StrCat("readers saw ", known.head, " records, now ", contents.bounds.head_offset));
  }
  const absl::Status sound = known.appends.Compare(contents);
  return sound.ok() ? known.state.Compare(ReadState(log)) : sound;
}

// A change, as a group of its own.
absl::Status Change(Log& log, LogChange change, StateOracle& state) {
  const int number = state.Send(change, log.bounds());
  absl::StatusOr<Cursor> answer = absl::UnknownError("no answer");
  absl::Notification answered;
  log.Change(std::move(change), [&](absl::StatusOr<Cursor> result) {
    answer = std::move(result);
    answered.Notify();
  });
  answered.WaitForNotification();
  if (absl::IsUnavailable(answer.status()) || absl::IsResourceExhausted(answer.status())) return answer.status();
  return state.Answered(number, answer);
}

}  // namespace

absl::Status GoOn(Log& log, KnownLog& known) {
  absl::StatusOr<LogContents> contents = ReadContents(log);
  if (!contents.ok()) return Within(contents.status(), "reading");
  absl::Status sound = Compare(log, *contents, known);
  if (!sound.ok()) return sound;
  known.appends.Shown(*contents);
  known.state.Shown(ReadState(log));
  known.state.Settle();
  sound = Within(known.appends.Repeat(log, *contents), "repeating");
  if (!sound.ok()) return sound;
  AppendBatch fresh = known.appends.Send("producer-1", {40, 50});
  const absl::StatusOr<AppendResult> appended = Append(log, std::move(fresh));
  if (!appended.ok()) return Within(appended.status(), "appending");
  known.appends.Answered(known.appends.last(), appended);
  // A generation that was given once must not be given again.
  sound = Within(Change(log, CommitCursor{"cursor-1", 0, 0}, known.state), "committing");
  if (sound.ok()) sound = Within(Change(log, TakeCursor{"cursor-1"}, known.state), "taking");
  if (!sound.ok()) return sound;
  contents = ReadContents(log);
  if (!contents.ok()) return Within(contents.status(), "reading again");
  known.head = contents->bounds.head_offset;
  return Within(Compare(log, *contents, known), "afterwards");
}

absl::Status LookAfterCut(FakeFileSystem& files, const KnownLog& known) {
  files.Restart(0);
  absl::StatusOr<std::unique_ptr<LocalEngine>> engine = OpenSmallEngine(files);
  if (!engine.ok()) return Within(engine.status(), "opening after the cut");
  const Log& log = *(*engine)->logs().at(0);
  const absl::StatusOr<LogContents> contents = ReadContents(log);
  if (!contents.ok()) return Within(contents.status(), "reading after the cut");
  return Within(Compare(log, *contents, known), "after the cut");
}

absl::Status Reopen(FakeFileSystem& files, KnownLog known) {
  absl::StatusOr<std::unique_ptr<LocalEngine>> engine = OpenSmallEngine(files);
  if (!engine.ok()) return Within(engine.status(), "opening");
  const absl::Status sound = GoOn(*(*engine)->logs().at(0), known);
  engine->reset();
  return sound.ok() ? LookAfterCut(files, known) : sound;
}

}  // namespace eventlog
