// When the records at a place of a log were appended.

#ifndef EVENTLOG_SVC_STORAGE_APPEND_TIME_H_
#define EVENTLOG_SVC_STORAGE_APPEND_TIME_H_

#include <cstdint>
#include <functional>
#include <optional>

#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "eventlog-svc/engine/log.h"

namespace eventlog {

// The append time of the first record from `offset` on that can be read with `read`. Nothing where there is none, or
// where more than a few gaps lie before it: a damaged log has one for each bad batch.
std::optional<absl::Time> AppendTimeFrom(const std::function<absl::StatusOr<RecordPage>(const ReadOptions&)>& read,
                                         int64_t offset);

}  // namespace eventlog

#endif  // EVENTLOG_SVC_STORAGE_APPEND_TIME_H_
