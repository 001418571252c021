// The names of the files in a log's folder: 20 digits of base offset, so that names sort as offsets do.

#ifndef EVENTLOG_SVC_STORAGE_SEGMENT_NAME_H_
#define EVENTLOG_SVC_STORAGE_SEGMENT_NAME_H_

#include <cstdint>
#include <optional>
#include <string>

#include "absl/strings/string_view.h"

namespace eventlog {

inline constexpr char kSegmentSuffix[] = ".log";
inline constexpr char kIndexSuffix[] = ".index";
inline constexpr char kSyncedSuffix[] = ".synced";
inline constexpr char kUnfinishedSuffix[] = ".new";  // a file that is being made; removed on open

// "00000000000000000042.log" for 42 and ".log".
std::string SegmentFileName(int64_t base_offset, absl::string_view suffix);
// The base offset of a name with this suffix; nothing for any other name.
std::optional<int64_t> ParseSegmentFileName(absl::string_view name, absl::string_view suffix);
// Where recovery puts the bytes that it cuts off the segment at `position`, the `repeat`th time that it cuts there.
std::string TornTailFileName(int64_t base_offset, int64_t position, int repeat);

}  // namespace eventlog

#endif  // EVENTLOG_SVC_STORAGE_SEGMENT_NAME_H_
