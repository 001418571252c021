#include "eventlog-svc/storage/record_spans.h"

#include "absl/strings/string_view.h"
#include "eventlog-svc/storage/record_codec.h"

namespace eventlog {

std::vector<RecordSpan> SpansOf(const RecordPage& page) {
  std::vector<RecordSpan> spans;
  spans.reserve(static_cast<size_t>(page.record_count()));
  RecordView record;
  for (const RecordRun& run : page.runs) {
    absl::string_view left = absl::string_view(page.wire).substr(run.position, run.size);
    for (int64_t offset = run.base_offset; offset < run.next_offset(); ++offset) {
      const size_t position = run.position + run.size - left.size();
      if (!ConsumeRecord(left, record) || record.offset != offset) break;
      spans.push_back({offset, run.append_time, position, record.field.size()});
    }
  }
  return spans;
}

}  // namespace eventlog
