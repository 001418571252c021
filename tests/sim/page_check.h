// Holds what readers get against the model: page by page, every byte that matters of every record.

#ifndef TESTS_SIM_PAGE_CHECK_H_
#define TESTS_SIM_PAGE_CHECK_H_

#include <cstdint>
#include <string>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "absl/time/time.h"
#include "eventlog-svc/engine/log.h"
#include "tests/sim/log_model.h"
#include "tests/sim/simulated_log.h"

namespace eventlog {

// All are OK or kInternal with a sentence. `read_broke`: the disk failed a read meanwhile; then STORAGE_FAILED is right
// too, but nothing else is.

absl::Status CheckPage(const LogModel& model, const ReadOptions& options, const absl::StatusOr<RecordPage>& page,
                       bool read_broke);
// The records from `first` on, as a subscriber gets them.
absl::Status CheckRun(const LogModel& model, absl::string_view wire, int64_t first, int64_t count);
absl::Status CheckOffsetAt(const LogModel& model, absl::Time time, const absl::StatusOr<int64_t>& offset,
                           bool read_broke);
// Reads all of the log, in pages of about `bytes_max`; no read may fail.
absl::Status CheckContents(const LogModel& model, const Log& log, Direction direction, size_t bytes_max);
// The times of the oldest and the newest record, where no read failed since the log was opened.
absl::Status CheckTimes(const LogModel& model, const Log& log);
// That no segment is kept all of which was trimmed.
absl::Status CheckTrimmed(const LogModel& model, const SimulatedLog& log);
// Every stored byte, as VerifyLog does.
absl::Status CheckSegments(const LogModel& model, const SimulatedLog& log);

}  // namespace eventlog

#endif  // TESTS_SIM_PAGE_CHECK_H_
