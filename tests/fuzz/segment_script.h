// Builds the bytes of a log's files as a fuzzer's input says: whole batches, damaged ones, batches at a wrong place,
// and anything else. Checksums are made right where the script asks for it, or no mutation would get past them.

#ifndef TESTS_FUZZ_SEGMENT_SCRIPT_H_
#define TESTS_FUZZ_SEGMENT_SCRIPT_H_

#include <cstdint>
#include <string>

#include "absl/strings/string_view.h"
#include "eventlog-svc/storage/batch_codec.h"
#include "tests/fuzz/input_reader.h"

namespace eventlog {

// What a script's next byte asks for, modulo kCount. The generator of the corpus writes the same.
enum class SegmentPiece : uint8_t {
  kEnd,        // the end of the segment
  kRaw,        // run: these bytes
  kZeros,      // u16: so many
  kBatch,      // u8 events, u8 offsets skipped, u8 how far before the batch is synced, u8 producer?: a whole batch
  kAnyBatch,   // u32 count, offset base, offset synced, i64 time, u32 id length, run: sealed, whatever it says
  kMisplaced,  // offset: the last batch again, as sealed for another position
  kFlip,       // u16 from the end, u8 bit: damages what is there
  kCut,        // u16: so many bytes less
  kCount,
};

// The bytes of batches from `position` of a segment's file on, the first one at seal.segment_offset.
std::string BuildBatches(InputReader& script, const BatchSeal& seal, int64_t position);
// A segment: a header, right or raw, and its batches.
std::string BuildSegment(InputReader& script, const BatchSeal& seal);
// An index file whose checksum is right: offsets for the header's fields, u8 entries of three offsets, a run behind.
std::string BuildIndex(InputReader& script, const BatchSeal& seal);
// A synced mark whose checksum is right: offset position, offset next.
std::string BuildSyncedMark(InputReader& script, uint64_t salt);

}  // namespace eventlog

#endif  // TESTS_FUZZ_SEGMENT_SCRIPT_H_
