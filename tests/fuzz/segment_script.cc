#include "tests/fuzz/segment_script.h"

#include <algorithm>
#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/time/time.h"
#include "eventlog-svc/storage/crc32c.h"
#include "eventlog-svc/storage/little_endian.h"
#include "eventlog-svc/storage/segment_format.h"
#include "eventlog-svc/storage/segment_header.h"

namespace eventlog {
namespace {

constexpr int kPiecesMax = 48;
constexpr size_t kSegmentBytesMax = 16 * 1024;
constexpr int64_t kFirstSecond = 1'700'000'000;
constexpr char kEpoch[] = "0123456789abcdef";

// Positions in a batch's header, as FORMAT.md has them.
constexpr size_t kLengthAt = 8;
constexpr size_t kCountAt = 12;
constexpr size_t kBaseOffsetAt = 16;
constexpr size_t kAppendTimeAt = 24;
constexpr size_t kSyncedOffsetAt = 32;
constexpr size_t kProducerIdBytesAt = 56;

class BatchesBuilder {
 public:
  BatchesBuilder(const BatchSeal& seal, int64_t position)
      : seal_(seal), first_position_(position), next_offset_(seal.segment_offset) {}

  // False at the end of the segment.
  bool Add(InputReader& script) {
    const auto piece = static_cast<SegmentPiece>(script.U8() % static_cast<uint8_t>(SegmentPiece::kCount));
    switch (piece) {
      case SegmentPiece::kRaw:
        absl::StrAppend(&bytes_, script.Run());
        break;
      case SegmentPiece::kZeros:
        bytes_.append(script.U16(), '\0');
        break;
      case SegmentPiece::kBatch:
        AddBatch(script);
        break;
      case SegmentPiece::kAnyBatch:
        AddAnyBatch(script);
        break;
      case SegmentPiece::kMisplaced:
        SealBatch(seal_, script.Offset(), last_);
        bytes_ += last_;
        break;
      case SegmentPiece::kFlip: {
        const size_t back = script.U16();
        const char mask = static_cast<char>(1 << script.U8() % 8);
        if (back < bytes_.size()) bytes_[bytes_.size() - 1 - back] ^= mask;
        break;
      }
      case SegmentPiece::kCut:
        bytes_.resize(bytes_.size() - std::min<size_t>(script.U16(), bytes_.size()));
        break;
      default:
        return false;
    }
    return bytes_.size() < kSegmentBytesMax;
  }

  std::string Take() { return std::move(bytes_); }

 private:
  void AddBatch(InputReader& script) {
    const int count = 1 + script.U8() % 4;
    BatchHeader header;
    // The encoder's caller has offsets that are numbers; beyond them is AddAnyBatch's.
    header.base_offset = std::clamp<int64_t>(next_offset_, 0, INT64_MAX - 1000) + script.U8();
    header.synced_offset = std::max<int64_t>(0, header.base_offset - script.U8());
    header.append_time = absl::FromUnixSeconds(kFirstSecond + header.base_offset % 1000);
    if (script.U8() % 2 == 1) header.producer = ProducerSequence{"p", 1, header.base_offset};
    EventList events;
    for (int i = 0; i < count; ++i) events.Add(absl::StrCat("event ", i), i % 2 == 1);
    last_ = EncodeBatch(header, events).bytes;
    next_offset_ = header.base_offset + count;
    Seal();
  }

  void AddAnyBatch(InputReader& script) {
    last_.assign(kBatchHeaderBytes, '\0');
    char* const out = last_.data();
    StoreLittleEndian<uint32_t>(kBatchMagic, out);
    StoreLittleEndian<uint32_t>(script.U32(), out + kCountAt);
    StoreLittleEndian<int64_t>(script.Offset(), out + kBaseOffsetAt);
    StoreLittleEndian<int64_t>(script.Offset(), out + kSyncedOffsetAt);
    StoreLittleEndian<int64_t>(script.I64(), out + kAppendTimeAt);
    StoreLittleEndian<uint32_t>(script.U32(), out + kProducerIdBytesAt);
    absl::StrAppend(&last_, script.Run());
    StoreLittleEndian<uint32_t>(static_cast<uint32_t>(last_.size()), last_.data() + kLengthAt);
    Seal();
  }

  void Seal() {
    SealBatch(seal_, first_position_ + static_cast<int64_t>(bytes_.size()), last_);
    bytes_ += last_;
  }

  const BatchSeal seal_;
  const int64_t first_position_;
  int64_t next_offset_;
  std::string bytes_;
  std::string last_ = std::string(kBatchHeaderBytes, '\0');
};

}  // namespace

std::string BuildBatches(InputReader& script, const BatchSeal& seal, int64_t position) {
  BatchesBuilder builder(seal, position);
  for (int i = 0; i < kPiecesMax && builder.Add(script); ++i) {
  }
  return builder.Take();
}

std::string BuildSegment(InputReader& script, const BatchSeal& seal) {
  std::string bytes;
  if (script.U8() % 8 == 7) {
    bytes = std::string(script.Run());
  } else {
    SegmentHeader header{seal.segment_offset, kEpoch, absl::FromUnixSeconds(kFirstSecond), seal.salt, ""};
    header.state = std::string(script.Bytes(script.U8()));
    bytes = EncodeSegmentHeader(header);
  }
  const int64_t position = static_cast<int64_t>(bytes.size());
  return bytes + BuildBatches(script, seal, position);
}

std::string BuildIndex(InputReader& script, const BatchSeal& seal) {
  std::string bytes(kIndexHeaderBytes, '\0');
  for (size_t at = 16; at < kIndexHeaderBytes; at += 8) StoreLittleEndian<int64_t>(script.Offset(), bytes.data() + at);
  const size_t entries = script.U8() % 8;
  for (size_t i = 0; i < 3 * entries; ++i) {
    char number[8];
    StoreLittleEndian<int64_t>(script.Offset(), number);
    bytes.append(number, sizeof(number));
  }
  absl::StrAppend(&bytes, script.Run());
  StoreLittleEndian<uint32_t>(kIndexMagic, bytes.data());
  StoreLittleEndian<uint64_t>(entries, bytes.data() + 8);
  char place[2 * sizeof(uint64_t)];
  StoreLittleEndian<uint64_t>(seal.salt, place);
  StoreLittleEndian<int64_t>(seal.segment_offset, place + sizeof(uint64_t));
  const uint32_t of_place = Crc32c(absl::string_view(place, sizeof(place)));
  StoreLittleEndian<uint32_t>(Crc32c(absl::string_view(bytes).substr(8), of_place), bytes.data() + 4);
  return bytes;
}

std::string BuildSyncedMark(InputReader& script, uint64_t salt) {
  std::string bytes(kSyncedMarkBytes, '\0');
  StoreLittleEndian<uint32_t>(kSyncedMagic, bytes.data());
  StoreLittleEndian<uint64_t>(salt, bytes.data() + 8);
  StoreLittleEndian<int64_t>(script.Offset(), bytes.data() + 16);
  StoreLittleEndian<int64_t>(script.Offset(), bytes.data() + 24);
  StoreLittleEndian<uint32_t>(Crc32c(absl::string_view(bytes).substr(8)), bytes.data() + 4);
  return bytes;
}

}  // namespace eventlog
