#include "eventlog-svc/rpc/plain_fields.h"

#include <cstdint>
#include <limits>
#include <string>

#include "gtest/gtest.h"

namespace eventlog {
namespace {

bool IsRefused(absl::string_view bytes) {
  PlainFields fields(bytes);
  while (fields.Next()) {
  }
  return !fields.ok();
}

TEST(PlainFieldsTest, NumbersAndBytesComeInTheirOrder) {
  const std::string wire = std::string("\x08\xAC\x02\x7A\x03xyz\x12") + '\0';
  PlainFields fields(wire);
  ASSERT_TRUE(fields.Next());
  EXPECT_EQ(fields.field(), 1u);
  EXPECT_FALSE(fields.is_bytes());
  EXPECT_EQ(fields.number(), 300u);
  EXPECT_EQ(fields.field_bytes(), "\x08\xAC\x02");
  ASSERT_TRUE(fields.Next());
  EXPECT_EQ(fields.field(), 15u);
  EXPECT_TRUE(fields.is_bytes());
  EXPECT_EQ(fields.bytes(), "xyz");
  ASSERT_TRUE(fields.Next());
  EXPECT_EQ(fields.bytes(), "");
  EXPECT_FALSE(fields.Next());
  EXPECT_TRUE(fields.ok());
}

TEST(PlainFieldsTest, TheLargestNumberIsTaken) {
  PlainFields fields("\x08\xFF\xFF\xFF\xFF\xFF\xFF\xFF\xFF\xFF\x01");
  ASSERT_TRUE(fields.Next());
  EXPECT_EQ(fields.number(), std::numeric_limits<uint64_t>::max());
}

TEST(PlainFieldsTest, WhatIsCutLongerThanNeedBeOrOfAnotherKindIsRefused) {
  EXPECT_TRUE(IsRefused("\x08")) << "no number";
  EXPECT_TRUE(IsRefused("\x08\x80")) << "half a number";
  EXPECT_TRUE(IsRefused("\x0A\x02x")) << "fewer bytes than it says";
  EXPECT_TRUE(IsRefused(absl::string_view("\x08\x80\x00", 3))) << "0 in two bytes";
  EXPECT_TRUE(IsRefused("\x0A\x81\x80\x80\x80\x00x")) << "1 in five bytes";
  EXPECT_TRUE(IsRefused("\x08\xFF\xFF\xFF\xFF\xFF\xFF\xFF\xFF\xFF\x02")) << "more than 64 bits";
  EXPECT_TRUE(IsRefused("\x08\xFF\xFF\xFF\xFF\xFF\xFF\xFF\xFF\xFF\xFF\x01")) << "eleven bytes";
  EXPECT_TRUE(IsRefused("\x0D\x01\x01\x01\x01")) << "fixed32";
  EXPECT_TRUE(IsRefused("\x0B\x0C")) << "a group";
  EXPECT_TRUE(IsRefused("\x02\x01x")) << "field 0";
  EXPECT_TRUE(IsRefused("\x82\x01\x01x")) << "field 16";
}

TEST(PlainFieldsTest, Utf8IsWhatProtobufTakes) {
  EXPECT_TRUE(IsUtf8(""));
  EXPECT_TRUE(IsUtf8("plain, \xC3\xA9, \xE2\x82\xAC, \xF0\x9F\x98\x80"));
  EXPECT_FALSE(IsUtf8("\xFF"));
  EXPECT_FALSE(IsUtf8("\xC3"));
  EXPECT_FALSE(IsUtf8("\xED\xA0\x80")) << "a surrogate";
}

}  // namespace
}  // namespace eventlog
