#include "eventlog-svc/storage/segment_name.h"

#include <optional>

#include "eventlog-svc/storage/segment_format.h"
#include "gtest/gtest.h"

namespace eventlog {
namespace {

TEST(SegmentNameTest, NamesSortAsOffsetsDo) {
  EXPECT_EQ("00000000000000000042.log", SegmentFileName(42, kSegmentSuffix));
  EXPECT_LT(SegmentFileName(9, kSegmentSuffix), SegmentFileName(10, kSegmentSuffix));
  EXPECT_EQ("09223372036854775807.index", SegmentFileName(INT64_MAX, kIndexSuffix));
}

TEST(SegmentNameTest, OnlyItsOwnNamesAreParsed) {
  EXPECT_EQ(42, ParseSegmentFileName("00000000000000000042.log", kSegmentSuffix));
  EXPECT_EQ(kOffsetMax, ParseSegmentFileName(SegmentFileName(kOffsetMax, kSegmentSuffix), kSegmentSuffix));
  for (const char* name : {"42.log", "00000000000000000042.index", "00000000000000000042.log.bak", "lock", ".log",
                           "-0000000000000000042.log", "99999999999999999999.log", "09223372036854775807.log",
                           "0000000000000000004x.log"}) {
    EXPECT_EQ(std::nullopt, ParseSegmentFileName(name, kSegmentSuffix)) << name;
  }
}

TEST(SegmentNameTest, ATornTailIsNotASegment) {
  EXPECT_EQ("00000000000000000042.torn-99", TornTailFileName(42, 99, 0));
  EXPECT_EQ("00000000000000000042.torn-99-2", TornTailFileName(42, 99, 2));
  EXPECT_EQ(std::nullopt, ParseSegmentFileName(TornTailFileName(42, 99, 0), kSegmentSuffix));
}

}  // namespace
}  // namespace eventlog
