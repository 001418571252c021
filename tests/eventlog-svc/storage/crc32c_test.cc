#include "eventlog-svc/storage/crc32c.h"

#include <string>

#include "gtest/gtest.h"

namespace eventlog {
namespace {

TEST(Crc32cTest, MatchesThePublishedVectors) {
  // RFC 3720, appendix B.4.
  EXPECT_EQ(0x8A9136AAu, Crc32c(std::string(32, '\0')));
  EXPECT_EQ(0x62A8AB43u, Crc32c(std::string(32, '\xFF')));
  std::string ascending;
  for (int i = 0; i < 32; ++i) ascending.push_back(static_cast<char>(i));
  EXPECT_EQ(0x46DD794Eu, Crc32c(ascending));
  EXPECT_EQ(0xE3069283u, Crc32c("123456789"));
}

// Bit by bit, as the polynomial says.
uint32_t Reference(absl::string_view data) {
  uint32_t crc = 0xFFFFFFFF;
  for (const char c : data) {
    crc ^= static_cast<uint8_t>(c);
    for (int bit = 0; bit < 8; ++bit) crc = (crc >> 1) ^ ((crc & 1) != 0 ? 0x82F63B78 : 0);
  }
  return ~crc;
}

TEST(Crc32cTest, IsThatOfThePolynomialAtEveryLengthAndAlignment) {
  std::string bytes;
  for (int i = 0; i < 700; ++i) bytes.push_back(static_cast<char>(i * 37 + 11));
  for (size_t begin = 0; begin < 9; ++begin) {
    for (size_t size = 0; size < 600; size += size < 140 ? 1 : 17) {
      const absl::string_view part = absl::string_view(bytes).substr(begin, size);
      ASSERT_EQ(Reference(part), Crc32c(part)) << begin << " " << size;
    }
  }
}

TEST(Crc32cTest, GoesOnWhereThePartBeforeEnded) { EXPECT_EQ(Crc32c("123456789"), Crc32c("56789", Crc32c("1234"))); }

}  // namespace
}  // namespace eventlog
