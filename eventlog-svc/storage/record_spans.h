// Where the single records of a page lie, for those who look at them one by one.

#ifndef EVENTLOG_SVC_STORAGE_RECORD_SPANS_H_
#define EVENTLOG_SVC_STORAGE_RECORD_SPANS_H_

#include <cstddef>
#include <cstdint>
#include <vector>

#include "absl/time/time.h"
#include "eventlog-svc/engine/log.h"

namespace eventlog {

// Where one record lies in RecordPage::wire.
struct RecordSpan {
  int64_t offset = 0;
  absl::Time append_time;
  size_t position = 0;  // of the field tag
  size_t size = 0;      // tag and length included
};

// All records of the page, in its order. Of a run that does not hold what it should, only those before that.
std::vector<RecordSpan> SpansOf(const RecordPage& page);

}  // namespace eventlog

#endif  // EVENTLOG_SVC_STORAGE_RECORD_SPANS_H_
