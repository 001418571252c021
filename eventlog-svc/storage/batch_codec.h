// One batch as it is stored: a header with a checksum over everything behind it, the producer's id, and the records.
//
// The checksum also covers the batch's place, so that the same bytes anywhere else are no batch: a payload may well
// hold what was copied out of a segment.

#ifndef EVENTLOG_SVC_STORAGE_BATCH_CODEC_H_
#define EVENTLOG_SVC_STORAGE_BATCH_CODEC_H_

#include <cstdint>
#include <optional>
#include <string>

#include "absl/strings/string_view.h"
#include "absl/time/time.h"
#include "eventlog-svc/engine/event_list.h"
#include "eventlog-svc/engine/log.h"

namespace eventlog {

struct BatchHeader {
  uint32_t length = 0;  // of the whole batch, in bytes
  uint32_t count = 0;   // records, whose offsets are dense; 0: a state batch
  int64_t base_offset = 0;
  absl::Time append_time;  // of every record in it
  // All before this offset was synced when the batch was written. Tells a torn tail from damage: see SegmentRecovery.
  int64_t synced_offset = 0;
  std::optional<ProducerSequence> producer;
  uint32_t record_bytes = 0;  // of the records, or of a state batch's body

  int64_t next_offset() const { return base_offset + count; }
};

// The segment that a batch belongs to.
struct BatchSeal {
  uint64_t salt = 0;           // the log's: kept in its segments' headers, and told to nobody
  int64_t segment_offset = 0;  // the segment's base offset
};

struct EncodedBatch {
  BatchHeader header;
  std::string bytes;
};

// Encodes the events at header.base_offset with header's times and producer; sets the header's sizes and its count. It
// can be written once it is sealed.
EncodedBatch EncodeBatch(BatchHeader header, const EventList& events);
// A batch without records, whose body is a change of the log's state. base_offset is that of the next record.
EncodedBatch EncodeStateBatch(BatchHeader header, absl::string_view change);
// Sets the checksum, for a batch that begins at `position` of its file.
void SealBatch(const BatchSeal& seal, int64_t position, std::string& bytes);

// What the header at the begin of `bytes`, which are at `position` of the segment's file, says; false when it is not
// one, or does not match its own checksum. What follows the header is not looked at; the producer is left out.
bool ParseBatchHeader(absl::string_view bytes, const BatchSeal& seal, int64_t position, BatchHeader& header);

enum class BatchDecoding {
  kWhole,       // header and records are set
  kIncomplete,  // `bytes` is too short to tell: header.length says how much is needed, or 0 when the header is not
                // whole
  kBad,         // not a batch, or one that does not match its checksum
};

// Decodes the batch at the begin of `bytes`, which are at `position` of the segment's file; `records` is the run of its
// records, or the body of a state batch.
BatchDecoding DecodeBatch(absl::string_view bytes, const BatchSeal& seal, int64_t position, BatchHeader& header,
                          absl::string_view& records);
// The same where `header` is what ParseBatchHeader made of these bytes.
BatchDecoding DecodeParsedBatch(absl::string_view bytes, const BatchSeal& seal, int64_t position, BatchHeader& header,
                                absl::string_view& records);

}  // namespace eventlog

#endif  // EVENTLOG_SVC_STORAGE_BATCH_CODEC_H_
