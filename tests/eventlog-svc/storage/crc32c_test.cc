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

TEST(Crc32cTest, TheInstructionAndTheTableAgreeAtEveryLengthAndAlignment) {
  std::string bytes;
  for (int i = 0; i < 300; ++i) bytes.push_back(static_cast<char>(i * 37 + 11));
  for (size_t begin = 0; begin < 9; ++begin) {
    for (size_t size = 0; size < 200; ++size) {
      const absl::string_view part = absl::string_view(bytes).substr(begin, size);
      ASSERT_EQ(PortableCrc32c(part), Crc32c(part)) << begin << " " << size;
    }
  }
}

TEST(Crc32cTest, TheInstructionAndTheTableAgreeWhereManyBytesAreTakenAtOnce) {
  std::string bytes;
  for (int i = 0; i < 20'000; ++i) bytes.push_back(static_cast<char>(i * 37 + i / 256 + 11));
  for (size_t size = 1; size < bytes.size(); size += size < 9'500 ? 41 : 1'021) {
    const absl::string_view part = absl::string_view(bytes).substr(size % 8, size);
    ASSERT_EQ(PortableCrc32c(part, 0x12345678), Crc32c(part, 0x12345678)) << size;
  }
}

TEST(Crc32cTest, GoesOnWhereThePartBeforeEnded) { EXPECT_EQ(Crc32c("123456789"), Crc32c("56789", Crc32c("1234"))); }

}  // namespace
}  // namespace eventlog
