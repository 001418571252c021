#include "tests/faults/aftermath.h"

#include <memory>
#include <utility>

#include "absl/status/statusor.h"
#include "absl/strings/str_cat.h"
#include "tests/faults/scripted_run.h"
#include "tests/support/log_driver.h"

namespace eventlog {

absl::Status Within(const absl::Status& status, absl::string_view where) {
  return status.ok() ? status : absl::InternalError(absl::StrCat(where, ": ", status.message()));
}

absl::Status GoOn(Log& log, int64_t head, AppendOracle& oracle) {
  absl::StatusOr<LogContents> contents = ReadContents(log);
  if (!contents.ok()) return Within(contents.status(), "reading");
  if (!contents->gaps.empty()) return absl::InternalError("a gap in a log that was not damaged");
  if (contents->bounds.head_offset < head) {
    return absl::InternalError(absl::StrCat("readers saw ", head, " records, now ", contents->bounds.head_offset));
  }
  absl::Status sound = oracle.Compare(*contents);
  oracle.Shown(*contents);
  if (sound.ok()) sound = Within(oracle.Repeat(log, *contents), "repeating");
  if (!sound.ok()) return sound;
  AppendBatch fresh = oracle.Send("producer-1", {40, 50});
  const absl::StatusOr<AppendResult> appended = Append(log, std::move(fresh));
  if (!appended.ok()) return Within(appended.status(), "appending");
  oracle.Answered(oracle.last(), appended);
  contents = ReadContents(log);
  if (!contents.ok()) return Within(contents.status(), "reading again");
  return Within(oracle.Compare(*contents), "afterwards");
}

absl::Status LookAfterCut(FakeFileSystem& files, const AppendOracle& oracle) {
  files.Restart(0);
  absl::StatusOr<std::unique_ptr<LocalEngine>> engine = OpenSmallEngine(files);
  if (!engine.ok()) return Within(engine.status(), "opening after the cut");
  const absl::StatusOr<LogContents> contents = ReadContents(*(*engine)->logs().at(0));
  if (!contents.ok()) return Within(contents.status(), "reading after the cut");
  return Within(oracle.Compare(*contents), "after the cut");
}

}  // namespace eventlog
