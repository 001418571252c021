// A segment's file as those see it that look at all of its bytes beside the log's readers: verify, backup, dump.

#ifndef EVENTLOG_SVC_STORAGE_STORED_SEGMENT_H_
#define EVENTLOG_SVC_STORAGE_STORED_SEGMENT_H_

#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>

#include "absl/status/statusor.h"
#include "eventlog-svc/storage/file_system.h"

namespace eventlog {

// Stays readable when the segment is trimmed.
struct StoredContent {
  std::shared_ptr<const File> file;
  // What lies behind it is not part of the log (yet).
  int64_t end_position = 0;
  // Of the active segment: behind the last record before end_position, where somebody knows it.
  std::optional<int64_t> next_offset;
  // Of the active segment of a log that is not in use: what the next opening cuts off behind end_position.
  int64_t torn_bytes = 0;
  // The index file of a closed segment; nothing when there is none.
  std::shared_ptr<const File> index;
};

struct StoredSegment {
  std::string name;  // of the file in the log's folder
  int64_t base_offset = 0;
  bool is_active = false;
  // Opens it, or says why that is not possible. Any thread, as long as the log is there.
  std::function<absl::StatusOr<StoredContent>()> open;
};

}  // namespace eventlog

#endif  // EVENTLOG_SVC_STORAGE_STORED_SEGMENT_H_
