#include "producers/session/sessiond_output_ring.h"

#include <random>
#include <string>

#include "gmock/gmock.h"
#include "gtest/gtest.h"

namespace eventlog {
namespace {

using ::testing::EndsWith;
using ::testing::StartsWith;

std::string All(const OutputRing& ring) { return std::string(ring.From(ring.start(), 1 << 30)); }

TEST(OutputRingTest, WhatFitsIsKept) {
  OutputRing ring(1024);
  ring.Append("one\n");
  ring.Append("two\n");
  EXPECT_EQ(0, ring.start());
  EXPECT_EQ(8, ring.end());
  EXPECT_EQ("one\ntwo\n", All(ring));
  EXPECT_EQ("tw", ring.From(4, 2));
  EXPECT_EQ("", ring.From(8, 2));
}

TEST(OutputRingTest, TheOldestGoesByLines) {
  OutputRing ring(1024);
  std::string all;
  for (int line = 0; line < 1000; ++line) {
    const std::string text = "line " + std::to_string(line) + "\n";
    all += text;
    ring.Append(text);
    ASSERT_EQ(static_cast<int64_t>(all.size()), ring.end());
    ASSERT_LE(All(ring).size(), 1024U);
    ASSERT_THAT(All(ring), StartsWith("line "));
    ASSERT_EQ(all.substr(static_cast<size_t>(ring.start())), All(ring));
  }
  EXPECT_GT(All(ring).size(), 1000U);
}

TEST(OutputRingTest, ItNeverBeginsInASequenceOrACharacter) {
  // Without line ends, of pieces whose first byte is in none of the others.
  const std::string pieces[] = {"\x1b[38;5;196m", "\x1b]0;a title\x07", "\xf0\x9f\x98\x80", "x"};
  std::mt19937 random(3);
  OutputRing ring(1024);
  for (int i = 0; i < 20'000; ++i) {
    ring.Append(pieces[random() % 4]);
    const std::string all = All(ring);
    ASSERT_LE(all.size(), 1024U);
    ASSERT_TRUE(all[0] == '\x1b' || all[0] == '\xf0' || all[0] == 'x') << i;
  }
}

TEST(OutputRingTest, ModesThatWereDroppedAreRepainted) {
  OutputRing ring(1024);
  ring.Append("\x1b[?1049h\x1b[?25l");
  EXPECT_THAT(ring.Repaint(), EndsWith("\x1b[2J"));  // they are still in the ring
  for (int i = 0; i < 400; ++i) ring.Append("text\r\n");
  EXPECT_THAT(ring.Repaint(), EndsWith("\x1b[2J\x1b[?1049h\x1b[?25l"));
}

TEST(OutputRingTest, AScrollRegionEndsWithTheSizeThatItWasFor) {
  OutputRing ring(1024);
  ring.Append("text");
  ring.OnResized();
  EXPECT_EQ("text", All(ring)) << "there is none";
  ring.Append("\x1b[1;24r\x1b[");
  ring.OnResized();
  EXPECT_THAT(All(ring), EndsWith("\x1b[1;24r\x1b[")) << "a sequence is not cut";
  ring.Append("m");
  ring.OnResized();
  const std::string undone = std::string("\x1b[1;24r\x1b[m\x1b") + "7\x1b[r\x1b" + "8";
  EXPECT_THAT(All(ring), EndsWith(undone));
  ring.OnResized();
  EXPECT_THAT(All(ring), EndsWith("24r\x1b[m\x1b" + undone.substr(undone.size() - 6))) << "once is enough";
}

TEST(OutputRingTest, MoreThanTheRingAtOnceLeavesItsEnd) {
  OutputRing ring(1024);
  std::string big;
  for (int i = 0; i < 100'000; ++i) big += std::to_string(i) + "\n";
  ring.Append(big);
  EXPECT_EQ(static_cast<int64_t>(big.size()), ring.end());
  EXPECT_EQ(big.substr(static_cast<size_t>(ring.start())), All(ring));
  EXPECT_LE(All(ring).size(), 1024U);
  EXPECT_GT(All(ring).size(), 1000U);
}

TEST(OutputRingTest, AStringWithoutEndIsDroppedAsFarAsItGoes) {
  OutputRing ring(1024);
  ring.Append("\x1b]0;");
  for (int i = 0; i < 100; ++i) ring.Append(std::string(100, 'x'));
  EXPECT_EQ(ring.end(), ring.start() + static_cast<int64_t>(All(ring).size()));
  ring.Append(
      "\x07"
      "after");
  for (int i = 0; i < 20; ++i) ring.Append(std::string(100, 'y'));
  EXPECT_THAT(All(ring), StartsWith("y"));
}

}  // namespace
}  // namespace eventlog
