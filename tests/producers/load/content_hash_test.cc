#include "producers/load/content_hash.h"

#include <string>

#include "gtest/gtest.h"

namespace eventlog {
namespace {

// As xxhsum 0.8.1 has them.
TEST(ContentHashTest, IsXxh64) {
  std::string counting;
  for (int i = 0; i < 100; ++i) counting += static_cast<char>(i);
  EXPECT_EQ(ContentHash(""), 0xef46db3751d8e999u);
  EXPECT_EQ(ContentHash("a"), 0xd24ec4f1a98c6e5bu);
  EXPECT_EQ(ContentHash("abc"), 0x44bc2cf5ad770999u);
  EXPECT_EQ(ContentHash(std::string(31, 'x')), 0x60dd0d01083b99f0u);
  EXPECT_EQ(ContentHash(counting), 0x6ac1e58032166597u);
  EXPECT_EQ(ContentHash(counting, 7), 0x80653e7e9b887cddu);
  EXPECT_EQ(ContentHash("0123456789abcdef0123456789abcdef", 1), 0x48b8b580878a4a4u);
}

TEST(ContentHashTest, EveryBitCounts) {
  std::string bytes(77, 'q');
  const uint64_t whole = ContentHash(bytes);
  for (size_t bit = 0; bit < bytes.size() * 8; ++bit) {
    bytes[bit / 8] = static_cast<char>(bytes[bit / 8] ^ (1 << (bit % 8)));
    EXPECT_NE(ContentHash(bytes), whole) << bit;
    bytes[bit / 8] = static_cast<char>(bytes[bit / 8] ^ (1 << (bit % 8)));
  }
}

}  // namespace
}  // namespace eventlog
