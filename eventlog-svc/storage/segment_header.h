// The begin of a segment's file: which log and which offsets, and the engine's state as of the first offset.

#ifndef EVENTLOG_SVC_STORAGE_SEGMENT_HEADER_H_
#define EVENTLOG_SVC_STORAGE_SEGMENT_HEADER_H_

#include <cstdint>
#include <string>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "absl/time/time.h"
#include "eventlog-svc/storage/file_system.h"

namespace eventlog {

struct SegmentHeader {
  int64_t base_offset = 0;
  std::string epoch;  // 16 hexadecimal digits, the same in all segments of a log
  absl::Time create_time;
  uint64_t salt = 0;  // random, the same in all segments of a log: see BatchSeal
  std::string state;  // opaque to storage

  // Where the batches begin.
  int64_t size() const;
};

// Of the system: nobody can tell what comes next.
uint64_t RandomBits();
// The epoch of a new life of a log: 16 random hexadecimal digits.
std::string EpochOf(uint64_t random_bits);
std::string EncodeSegmentHeader(const SegmentHeader& header);
// kDataLoss DATA_CORRUPT when the bytes are not a header that matches its checksum.
absl::StatusOr<SegmentHeader> ReadSegmentHeader(const File& file, absl::string_view path);

}  // namespace eventlog

#endif  // EVENTLOG_SVC_STORAGE_SEGMENT_HEADER_H_
