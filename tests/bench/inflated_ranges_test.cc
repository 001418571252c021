#include "tests/bench/inflated_ranges.h"

#include <zlib.h>

#include <string>
#include <vector>

#include "absl/strings/str_cat.h"
#include "gtest/gtest.h"

namespace eventlog::bench {
namespace {

// As RFC 7692 says: without the four bytes at the end.
std::string Deflate(const std::string& text) {
  z_stream stream = {};
  deflateInit2(&stream, 6, Z_DEFLATED, -MAX_WBITS, 8, Z_DEFAULT_STRATEGY);
  std::string out(compressBound(text.size()) + 64, '\0');
  stream.next_in = reinterpret_cast<Bytef*>(const_cast<char*>(text.data()));
  stream.avail_in = static_cast<uInt>(text.size());
  stream.next_out = reinterpret_cast<Bytef*>(out.data());
  stream.avail_out = static_cast<uInt>(out.size());
  deflate(&stream, Z_SYNC_FLUSH);
  out.resize(stream.total_out - 4);
  deflateEnd(&stream);
  return out;
}

std::string Events(int64_t from, int64_t to, int64_t step = 1) {
  std::string text = "[";
  for (int64_t offset = from; offset < to; offset += step) absl::StrAppend(&text, "{\"offset\":", offset, ",\"a\":0},");
  return text;
}

class InflatedRangesTest : public ::testing::Test {
 protected:
  const MarkerScanner scanner_{"{\"offset\":", 1};
  InflatedRanges ranges_{scanner_};
};

TEST_F(InflatedRangesTest, OffsetsOfAMessageAreFoundAndKnownAgain) {
  const std::string message = Deflate(Events(41, 5000));
  for (int times = 0; times < 2; ++times) {
    EXPECT_EQ(41, ranges_.Find(message).start_offset);
    EXPECT_EQ(5000, ranges_.Find(message).next_offset);
  }
  const OffsetRange none = ranges_.Find(Deflate("{\"type\":\"heartbeat\"}"));
  EXPECT_EQ(none.start_offset, none.next_offset);
}

TEST_F(InflatedRangesTest, AHoleOrARepeatIsNotAccepted) {
  EXPECT_DEATH(ranges_.Find(Deflate(Events(10, 20, 2))), "a hole within a compressed message");
  EXPECT_DEATH(ranges_.Find(Deflate(Events(10, 20) + Events(19, 25))), "a hole within a compressed message");
}

TEST_F(InflatedRangesTest, AMessageThatNeedsTheOneBeforeIsNotAccepted) {
  std::string message = Deflate(Events(10, 2000));
  EXPECT_DEATH(ranges_.Find(message.substr(message.size() / 2)), "does not inflate by itself|behind its end");
}

}  // namespace
}  // namespace eventlog::bench
