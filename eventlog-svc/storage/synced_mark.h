// How far the active segment is known to be synced, in a small file beside it. With it, damage before that place is
// told from a torn tail also where no later batch says so. FORMAT.md is the specification.
//
// A mark never becomes wrong: it is a lower bound, and a segment is never cut below it. A missing or damaged one says
// nothing.

#ifndef EVENTLOG_SVC_STORAGE_SYNCED_MARK_H_
#define EVENTLOG_SVC_STORAGE_SYNCED_MARK_H_

#include <cstdint>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "eventlog-svc/storage/batch_codec.h"
#include "eventlog-svc/storage/file_system.h"

namespace eventlog {

struct SyncedMark {
  int64_t position = 0;     // all before it is synced
  int64_t next_offset = 0;  // the offset at that position
};

// The mark of the segment in `directory`; one that says nothing when there is none.
SyncedMark ReadSyncedMark(FileSystem& file_system, const std::string& directory, const BatchSeal& seal);
// Writes it durably in the place of the one before.
absl::Status WriteSyncedMark(FileSystem& file_system, const std::string& directory, const BatchSeal& seal,
                             const SyncedMark& mark);
// There is durably none any more. The folder's names say whether there is one: a look at the file itself that fails
// would be taken for none.
absl::Status RemoveSyncedMark(FileSystem& file_system, const std::string& directory, const BatchSeal& seal);

// Of the `names` in `directory`, where `last_offset` is that of the last segment, or -1: kDataLoss DATA_CORRUPT when
// there is a mark of a later one. That segment was there, and is not any more: its offsets must not be given again.
absl::Status CheckMarkedAreThere(const std::vector<std::string>& names, const std::string& directory,
                                 int64_t last_offset);

}  // namespace eventlog

#endif  // EVENTLOG_SVC_STORAGE_SYNCED_MARK_H_
