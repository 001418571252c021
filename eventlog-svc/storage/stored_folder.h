// The segments in the folder of a log that nobody has open, damaged or not. Changes nothing there.

#ifndef EVENTLOG_SVC_STORAGE_STORED_FOLDER_H_
#define EVENTLOG_SVC_STORAGE_STORED_FOLDER_H_

#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "eventlog-svc/storage/file_system.h"
#include "eventlog-svc/storage/stored_segment.h"

namespace eventlog {

// Oldest first; none when the folder has no segment. Opening the last one looks for its end as recovery does. The file
// system must outlive what is returned.
absl::StatusOr<std::vector<StoredSegment>> FindStoredSegments(FileSystem& file_system, const std::string& directory);

}  // namespace eventlog

#endif  // EVENTLOG_SVC_STORAGE_STORED_FOLDER_H_
