#include "eventlog-svc/storage/segment_index.h"

#include <string>

#include "eventlog-svc/storage/batch_codec.h"
#include "gtest/gtest.h"

namespace eventlog {
namespace {

absl::Time At(int64_t second) { return absl::FromUnixSeconds(second); }

// A batch of 10 records each 100 bytes from position 48 on; time rises by a second.
SegmentIndex MakeIndex(int64_t interval_bytes) {
  SegmentIndex index(interval_bytes);
  for (int64_t i = 0; i < 10; ++i) {
    BatchHeader header;
    header.base_offset = 1000 + i * 10;
    header.count = 10;
    header.append_time = At(i);
    index.Add(header, 48 + i * 100);
  }
  return index;
}

TEST(SegmentIndexTest, KeepsOneEntryAnInterval) {
  EXPECT_EQ(10u, MakeIndex(1).entries().size());
  EXPECT_EQ(5u, MakeIndex(200).entries().size());
  EXPECT_EQ(1u, MakeIndex(10'000).entries().size());
}

TEST(SegmentIndexTest, FindsTheLastEntryAtOrBeforeAnOffset) {
  const SegmentIndex index = MakeIndex(200);
  EXPECT_FALSE(index.FindOffset(999).has_value());
  EXPECT_EQ(48, index.FindOffset(1000)->position);
  EXPECT_EQ(48, index.FindOffset(1019)->position);
  EXPECT_EQ(248, index.FindOffset(1020)->position);
  EXPECT_EQ(848, index.FindOffset(99'999)->position);
}

TEST(SegmentIndexTest, FindsTheLastEntryBeforeATime) {
  const SegmentIndex index = MakeIndex(200);
  EXPECT_FALSE(index.FindTime(At(0)).has_value());
  EXPECT_EQ(1000, index.FindTime(At(1))->offset);
  EXPECT_EQ(1000, index.FindTime(At(2))->offset);
  EXPECT_EQ(1020, index.FindTime(At(3))->offset);
}

TEST(SegmentIndexTest, RoundTripsAndRefusesEveryFlippedBit) {
  const SegmentExtent extent{1048, 1100, 100, At(9)};
  const BatchSeal seal{0x0123456789abcdef, 1000};
  const std::string bytes = MakeIndex(200).Encode(seal, extent);
  SegmentIndex read(200);
  SegmentExtent read_extent;
  ASSERT_TRUE(read.Decode(seal, bytes, read_extent));
  EXPECT_EQ(5u, read.entries().size());
  EXPECT_EQ(1048, read_extent.end_position);
  EXPECT_EQ(1100, read_extent.next_offset);
  EXPECT_EQ(100, read_extent.record_count);
  EXPECT_EQ(At(9), read_extent.last_append_time);
  for (size_t bit = 0; bit < bytes.size() * 8; ++bit) {
    std::string damaged = bytes;
    damaged[bit / 8] = static_cast<char>(damaged[bit / 8] ^ (1 << (bit % 8)));
    EXPECT_FALSE(read.Decode(seal, damaged, read_extent)) << bit;
  }
  EXPECT_FALSE(read.Decode(seal, bytes.substr(0, bytes.size() - 1), read_extent));
  EXPECT_FALSE(read.Decode(seal, "", read_extent));
}

TEST(SegmentIndexTest, TheIndexOfAnotherSegmentOrLogIsRefused) {
  const SegmentExtent extent{1048, 1100, 100, At(9)};
  const std::string bytes = MakeIndex(200).Encode({7, 1000}, extent);
  SegmentIndex read(200);
  SegmentExtent read_extent;
  EXPECT_FALSE(read.Decode({7, 900}, bytes, read_extent));
  EXPECT_FALSE(read.Decode({8, 1000}, bytes, read_extent));
  EXPECT_TRUE(read.Decode({7, 1000}, bytes, read_extent));
}

}  // namespace
}  // namespace eventlog
