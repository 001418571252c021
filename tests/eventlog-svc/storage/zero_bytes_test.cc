#include "eventlog-svc/storage/zero_bytes.h"

#include <string>

#include "gtest/gtest.h"

namespace eventlog {
namespace {

TEST(ZeroBytesTest, OneOtherByteIsFoundWhereverItIs) {
  for (const size_t size : {1u, 7u, 64u, 1023u, 1024u, 1025u, 5000u}) {
    std::string bytes(size, '\0');
    EXPECT_TRUE(IsZeros(bytes)) << size;
    EXPECT_EQ(0u, UsedSize(bytes)) << size;
    for (size_t at = 0; at < size; ++at) {
      bytes[at] = '\x80';
      ASSERT_FALSE(IsZeros(bytes)) << at << " of " << size;
      ASSERT_EQ(at + 1, UsedSize(bytes)) << at << " of " << size;
      bytes[at] = '\0';
    }
  }
}

TEST(ZeroBytesTest, BytesBeforeTheLastOneCountWhateverTheyAre) {
  EXPECT_EQ(4u, UsedSize(std::string("\1\0\0\2\0\0", 6)));
  EXPECT_EQ(3000u, UsedSize(std::string(3000, 'x') + std::string(2000, '\0')));
  EXPECT_EQ(3000u, UsedSize(std::string(3000, 'x')));
}

TEST(ZeroBytesTest, NothingIsZeros) {
  EXPECT_TRUE(IsZeros(""));
  EXPECT_EQ(0u, UsedSize(""));
}

}  // namespace
}  // namespace eventlog
