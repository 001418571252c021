#include "eventlog-svc/storage/batch_codec.h"

#include <utility>

#include "eventlog-svc/storage/crc32c.h"
#include "eventlog-svc/storage/little_endian.h"
#include "eventlog-svc/storage/record_codec.h"
#include "eventlog-svc/storage/segment_format.h"

namespace eventlog {
namespace {

// Positions in the header; FORMAT.md has the table.
constexpr size_t kMagicAt = 0;
constexpr size_t kChecksumAt = 4;
constexpr size_t kLengthAt = 8;
constexpr size_t kCountAt = 12;
constexpr size_t kBaseOffsetAt = 16;
constexpr size_t kAppendTimeAt = 24;
constexpr size_t kSyncedOffsetAt = 32;
constexpr size_t kProducerEpochAt = 40;
constexpr size_t kFirstSequenceAt = 48;
constexpr size_t kProducerIdBytesAt = 56;
constexpr size_t kHeaderChecksumAt = 60;

uint32_t Checksum(const BatchSeal& seal, int64_t position, absl::string_view bytes) {
  char place[3 * sizeof(uint64_t)];
  StoreLittleEndian<uint64_t>(seal.salt, place);
  StoreLittleEndian<int64_t>(seal.segment_offset, place + sizeof(uint64_t));
  StoreLittleEndian<int64_t>(position, place + 2 * sizeof(uint64_t));
  return Crc32c(bytes, Crc32c(absl::string_view(place, sizeof(place))));
}

uint32_t HeaderChecksum(const BatchSeal& seal, int64_t position, absl::string_view bytes) {
  return Checksum(seal, position, bytes.substr(kLengthAt, kHeaderChecksumAt - kLengthAt));
}

// Writes the header over the begin of the batch's bytes, which are whole.
void FillHeader(BatchHeader header, EncodedBatch& batch) {
  const size_t id_bytes = header.producer.has_value() ? header.producer->id.size() : 0;
  header.length = static_cast<uint32_t>(batch.bytes.size());
  header.record_bytes = static_cast<uint32_t>(batch.bytes.size() - kBatchHeaderBytes - id_bytes);
  char* const out = batch.bytes.data();
  StoreLittleEndian<uint32_t>(kBatchMagic, out + kMagicAt);
  StoreLittleEndian<uint32_t>(header.length, out + kLengthAt);
  StoreLittleEndian<uint32_t>(header.count, out + kCountAt);
  StoreLittleEndian<int64_t>(header.base_offset, out + kBaseOffsetAt);
  StoreLittleEndian<int64_t>(absl::ToUnixNanos(header.append_time), out + kAppendTimeAt);
  StoreLittleEndian<int64_t>(header.synced_offset, out + kSyncedOffsetAt);
  if (header.producer.has_value()) {
    StoreLittleEndian<int64_t>(header.producer->epoch, out + kProducerEpochAt);
    StoreLittleEndian<int64_t>(header.producer->first_sequence, out + kFirstSequenceAt);
    StoreLittleEndian<uint32_t>(static_cast<uint32_t>(id_bytes), out + kProducerIdBytesAt);
  }
  batch.header = std::move(header);
}

}  // namespace

EncodedBatch EncodeBatch(BatchHeader header, const EventList& events) {
  EncodedBatch batch;
  const size_t id_bytes = header.producer.has_value() ? header.producer->id.size() : 0;
  batch.bytes.reserve(kBatchHeaderBytes + id_bytes + events.byte_size() + events.size() * kRecordOverheadMax);
  batch.bytes.resize(kBatchHeaderBytes, '\0');
  if (header.producer.has_value()) batch.bytes += header.producer->id;
  AppendRecords(events, header.base_offset, header.append_time, batch.bytes);

  header.count = static_cast<uint32_t>(events.size());
  FillHeader(std::move(header), batch);
  return batch;
}

EncodedBatch EncodeStateBatch(BatchHeader header, absl::string_view change) {
  EncodedBatch batch;
  batch.bytes.resize(kBatchHeaderBytes, '\0');
  batch.bytes.append(change.data(), change.size());
  header.count = 0;
  header.producer.reset();
  FillHeader(std::move(header), batch);
  return batch;
}

void SealBatch(const BatchSeal& seal, int64_t position, std::string& bytes) {
  StoreLittleEndian<uint32_t>(HeaderChecksum(seal, position, bytes), bytes.data() + kHeaderChecksumAt);
  const uint32_t checksum = Checksum(seal, position, absl::string_view(bytes).substr(kLengthAt));
  StoreLittleEndian<uint32_t>(checksum, bytes.data() + kChecksumAt);
}

bool ParseBatchHeader(absl::string_view bytes, const BatchSeal& seal, int64_t position, BatchHeader& header) {
  if (bytes.size() < kBatchHeaderBytes) return false;
  const char* const in = bytes.data();
  if (LoadLittleEndian<uint32_t>(in + kMagicAt) != kBatchMagic ||
      LoadLittleEndian<uint32_t>(in + kHeaderChecksumAt) != HeaderChecksum(seal, position, bytes)) {
    return false;
  }
  header.length = LoadLittleEndian<uint32_t>(in + kLengthAt);
  header.count = LoadLittleEndian<uint32_t>(in + kCountAt);
  header.base_offset = LoadLittleEndian<int64_t>(in + kBaseOffsetAt);
  header.append_time = absl::FromUnixNanos(LoadLittleEndian<int64_t>(in + kAppendTimeAt));
  header.synced_offset = LoadLittleEndian<int64_t>(in + kSyncedOffsetAt);
  header.producer.reset();
  const uint32_t id_bytes = LoadLittleEndian<uint32_t>(in + kProducerIdBytesAt);
  if (header.length < kBatchHeaderBytes || header.length > kBatchBytesMax ||
      id_bytes > header.length - kBatchHeaderBytes) {
    return false;
  }
  header.record_bytes = header.length - static_cast<uint32_t>(kBatchHeaderBytes) - id_bytes;
  return header.count <= header.record_bytes / kRecordBytesMin && header.base_offset >= 0 &&
         header.base_offset <= kOffsetMax && header.synced_offset <= header.base_offset;
}

BatchDecoding DecodeBatch(absl::string_view bytes, const BatchSeal& seal, int64_t position, BatchHeader& header,
                          absl::string_view& records) {
  header.length = 0;
  if (bytes.size() < kBatchHeaderBytes) return BatchDecoding::kIncomplete;
  if (!ParseBatchHeader(bytes, seal, position, header)) return BatchDecoding::kBad;
  return DecodeParsedBatch(bytes, seal, position, header, records);
}

BatchDecoding DecodeParsedBatch(absl::string_view bytes, const BatchSeal& seal, int64_t position, BatchHeader& header,
                                absl::string_view& records) {
  if (bytes.size() < header.length) return BatchDecoding::kIncomplete;
  bytes = bytes.substr(0, header.length);
  const char* const in = bytes.data();
  if (Checksum(seal, position, bytes.substr(kLengthAt)) != LoadLittleEndian<uint32_t>(in + kChecksumAt)) {
    return BatchDecoding::kBad;
  }
  const uint32_t id_bytes = LoadLittleEndian<uint32_t>(in + kProducerIdBytesAt);
  if (id_bytes > 0) {
    header.producer = ProducerSequence{std::string(bytes.substr(kBatchHeaderBytes, id_bytes)),
                                       LoadLittleEndian<int64_t>(in + kProducerEpochAt),
                                       LoadLittleEndian<int64_t>(in + kFirstSequenceAt)};
  }
  records = bytes.substr(kBatchHeaderBytes + id_bytes);
  return BatchDecoding::kWhole;
}

}  // namespace eventlog
