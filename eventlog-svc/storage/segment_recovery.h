// Finds the end of the active segment after a crash.
//
// A batch that does not match its checksum is a torn tail, never acknowledged, when nothing says otherwise; it is
// damage to acknowledged data when a whole batch behind it was written after its offset had been synced (its
// synced_offset lies above), or when one with the very offset that is due follows (what is damaged was a state batch,
// the last of its group, and nothing is written behind a group that is not synced), or when it lies before the
// segment's SyncedMark. A torn tail is cut off, and its bytes are
// kept in a file beside; damage is left where it is and costs only itself: readers are told of a gap.

#ifndef EVENTLOG_SVC_STORAGE_SEGMENT_RECOVERY_H_
#define EVENTLOG_SVC_STORAGE_SEGMENT_RECOVERY_H_

#include <cstdint>
#include <functional>
#include <string>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "eventlog-svc/storage/batch_codec.h"
#include "eventlog-svc/storage/file_system.h"
#include "eventlog-svc/storage/segment_index.h"
#include "eventlog-svc/storage/synced_mark.h"

namespace eventlog {

struct RecoveredSegment {
  SegmentIndex index;
  SegmentExtent extent;
  int64_t torn_bytes = 0;  // cut off behind extent.end_position, up to the last byte that is not zero
  // From here to extent.end_position nothing says that it was synced, although it was read: after a failed sync the
  // system keeps showing what the disk does not have.
  int64_t unsynced_position = 0;
  bool is_damaged = false;  // something that had been synced is not whole
};

// Scans `file` from `first_position` to its end, calls `on_batch` for each batch that is kept (with its body),
// and says where the end is. Changes nothing. An error of `on_batch` ends it.
absl::StatusOr<RecoveredSegment> RecoverSegment(
    const File& file, const BatchSeal& seal, int64_t first_position, const SyncedMark& mark,
    int64_t index_interval_bytes, const std::function<absl::Status(const BatchHeader&, absl::string_view)>& on_batch);

}  // namespace eventlog

#endif  // EVENTLOG_SVC_STORAGE_SEGMENT_RECOVERY_H_
