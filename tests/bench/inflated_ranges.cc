#include "tests/bench/inflated_ranges.h"

#include <zlib.h>

#include <string>
#include <vector>

#include "absl/hash/hash.h"
#include "absl/strings/str_cat.h"
#include "glog/logging.h"

namespace eventlog::bench {
namespace {

constexpr size_t kKnownMax = 4096;
constexpr size_t kInflatedBytesMax = size_t{64} * 1024 * 1024;

}  // namespace

// RFC 7692, 7.2.2.
std::vector<char> InflatedRanges::Inflate(absl::string_view compressed) {
  const std::string whole = absl::StrCat(compressed, absl::string_view("\0\0\xFF\xFF", 4));
  z_stream stream = {};
  CHECK_EQ(inflateInit2(&stream, -MAX_WBITS), Z_OK);
  stream.next_in = reinterpret_cast<Bytef*>(const_cast<char*>(whole.data()));
  stream.avail_in = static_cast<uInt>(whole.size());
  std::vector<char> plain(MarkerScanner::kRoomBytes + 8 * whole.size());
  size_t size = MarkerScanner::kRoomBytes;
  while (true) {
    stream.next_out = reinterpret_cast<Bytef*>(plain.data() + size);
    stream.avail_out = static_cast<uInt>(plain.size() - size);
    const int result = inflate(&stream, Z_SYNC_FLUSH);
    CHECK(result == Z_OK || result == Z_STREAM_END || result == Z_BUF_ERROR)
        << "a message does not inflate by itself: " << (stream.msg == nullptr ? "" : stream.msg);
    size = plain.size() - stream.avail_out;
    if (stream.avail_out > 0) break;
    CHECK_LT(plain.size(), kInflatedBytesMax);
    plain.resize(2 * plain.size());
  }
  CHECK_EQ(stream.avail_in, 0u) << "a message has bytes behind its end";
  inflateEnd(&stream);
  plain.resize(size);
  return plain;
}

OffsetRange InflatedRanges::Find(absl::string_view compressed) {
  const std::pair<size_t, size_t> key(compressed.size(), absl::HashOf(compressed));
  if (const auto known = known_.find(key); known != known_.end()) return known->second;
  std::vector<char> plain = Inflate(compressed);
  OffsetRange range;
  MarkerScanner::Rest rest;
  scanner_.Scan(rest, plain.data() + MarkerScanner::kRoomBytes, plain.size() - MarkerScanner::kRoomBytes,
                [&range](int64_t offset) {
                  if (range.next_offset == range.start_offset) range.start_offset = range.next_offset = offset;
                  CHECK_EQ(offset, range.next_offset) << "a hole within a compressed message";
                  range.next_offset = offset + 1;
                });
  if (known_.size() >= kKnownMax) known_.clear();
  return known_[key] = range;
}

}  // namespace eventlog::bench
