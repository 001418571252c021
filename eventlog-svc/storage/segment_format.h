// The constants of the segment format. FORMAT.md is the specification; nothing here has logic.

#ifndef EVENTLOG_SVC_STORAGE_SEGMENT_FORMAT_H_
#define EVENTLOG_SVC_STORAGE_SEGMENT_FORMAT_H_

#include <cstddef>
#include <cstdint>

namespace eventlog {

inline constexpr uint32_t kSegmentMagic = 0x47535645;  // "EVSG"
inline constexpr uint32_t kBatchMagic = 0x54425645;    // "EVBT"
inline constexpr uint32_t kIndexMagic = 0x58495645;    // "EVIX"
inline constexpr uint32_t kSyncedMagic = 0x59535645;   // "EVSY"
inline constexpr uint32_t kFormatVersion = 1;

inline constexpr size_t kEpochBytes = 16;
inline constexpr size_t kSegmentHeaderBytes = 56;  // the state follows
inline constexpr size_t kBatchHeaderBytes = 64;    // the producer's id and the records follow
inline constexpr size_t kIndexHeaderBytes = 48;    // the entries follow
inline constexpr size_t kIndexEntryBytes = 24;
inline constexpr size_t kSyncedMarkBytes = 32;

// Higher offsets are damage: those that follow them must be numbers too.
inline constexpr int64_t kOffsetMax = int64_t{1} << 62;
// Space of the active segment behind its limit, for changes of the state while the disk is full.
inline constexpr int64_t kStateReserveBytes = 64 * 1024;

// Longer lengths are damage.
inline constexpr size_t kBatchBytesMax = 64 * 1024 * 1024;
// No record is shorter: it has at least a type, an offset or a time, and their tags.
inline constexpr int64_t kRecordBytesMin = 4;
inline constexpr size_t kStateBytesMax = 64 * 1024 * 1024;

}  // namespace eventlog

#endif  // EVENTLOG_SVC_STORAGE_SEGMENT_FORMAT_H_
