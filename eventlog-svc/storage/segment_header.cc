#include "eventlog-svc/storage/segment_header.h"

#include <random>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"
#include "eventlog-svc/engine/error.h"
#include "eventlog-svc/storage/crc32c.h"
#include "eventlog-svc/storage/little_endian.h"
#include "eventlog-svc/storage/segment_format.h"

namespace eventlog {
namespace {

// Positions; FORMAT.md has the table.
constexpr size_t kMagicAt = 0;
constexpr size_t kVersionAt = 4;
constexpr size_t kChecksumAt = 8;
constexpr size_t kStateBytesAt = 12;
constexpr size_t kBaseOffsetAt = 16;
constexpr size_t kEpochAt = 24;
constexpr size_t kCreateTimeAt = 40;
constexpr size_t kSaltAt = 48;

absl::Status Corrupt(absl::string_view path, absl::string_view what) {
  return Error(absl::StatusCode::kDataLoss, "DATA_CORRUPT", absl::StrCat("segment ", path, ": ", what),
               {{"path", std::string(path)}});
}

}  // namespace

int64_t SegmentHeader::size() const { return static_cast<int64_t>(kSegmentHeaderBytes + state.size()); }

uint64_t RandomBits() {
  std::random_device random;
  return static_cast<uint64_t>(random()) << 32 | random();
}

std::string EpochOf(uint64_t random_bits) { return absl::StrFormat("%016x", random_bits); }

std::string EncodeSegmentHeader(const SegmentHeader& header) {
  std::string bytes(kSegmentHeaderBytes, '\0');
  char* const out = bytes.data();
  StoreLittleEndian<uint32_t>(kSegmentMagic, out + kMagicAt);
  StoreLittleEndian<uint32_t>(kFormatVersion, out + kVersionAt);
  StoreLittleEndian<uint32_t>(static_cast<uint32_t>(header.state.size()), out + kStateBytesAt);
  StoreLittleEndian<int64_t>(header.base_offset, out + kBaseOffsetAt);
  header.epoch.copy(out + kEpochAt, kEpochBytes);
  StoreLittleEndian<int64_t>(absl::ToUnixNanos(header.create_time), out + kCreateTimeAt);
  StoreLittleEndian<uint64_t>(header.salt, out + kSaltAt);
  bytes += header.state;
  StoreLittleEndian<uint32_t>(Crc32c(absl::string_view(bytes).substr(kStateBytesAt)), bytes.data() + kChecksumAt);
  return bytes;
}

absl::StatusOr<SegmentHeader> ReadSegmentHeader(const File& file, absl::string_view path) {
  std::string bytes(kSegmentHeaderBytes, '\0');
  absl::StatusOr<size_t> count = file.Read(0, bytes.size(), bytes.data());
  if (!count.ok()) return count.status();
  if (*count < bytes.size() || LoadLittleEndian<uint32_t>(bytes.data() + kMagicAt) != kSegmentMagic) {
    return Corrupt(path, "it does not begin with a segment header");
  }
  const uint32_t version = LoadLittleEndian<uint32_t>(bytes.data() + kVersionAt);
  if (version != kFormatVersion) {
    return Corrupt(path, absl::StrCat("format version ", version, "; this program reads version ", kFormatVersion));
  }
  const uint32_t state_bytes = LoadLittleEndian<uint32_t>(bytes.data() + kStateBytesAt);
  if (state_bytes > kStateBytesMax) return Corrupt(path, "its header is damaged");
  bytes.resize(kSegmentHeaderBytes + state_bytes);
  count = file.Read(kSegmentHeaderBytes, state_bytes, bytes.data() + kSegmentHeaderBytes);
  if (!count.ok()) return count.status();
  if (*count < state_bytes || Crc32c(absl::string_view(bytes).substr(kStateBytesAt)) !=
                                  LoadLittleEndian<uint32_t>(bytes.data() + kChecksumAt)) {
    return Corrupt(path, "its header does not match its checksum");
  }
  SegmentHeader header;
  header.base_offset = LoadLittleEndian<int64_t>(bytes.data() + kBaseOffsetAt);
  header.epoch = bytes.substr(kEpochAt, kEpochBytes);
  header.create_time = absl::FromUnixNanos(LoadLittleEndian<int64_t>(bytes.data() + kCreateTimeAt));
  header.salt = LoadLittleEndian<uint64_t>(bytes.data() + kSaltAt);
  header.state = bytes.substr(kSegmentHeaderBytes);
  return header;
}

}  // namespace eventlog
