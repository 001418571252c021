#include "producers/session/output_chunks.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <limits>
#include <string>
#include <vector>

namespace eventlog {
namespace {

using session::v1::SessionOutput;
using ::testing::ElementsAre;
using ::testing::IsEmpty;

constexpr auto kOut = session::v1::OUTPUT_STREAM_STDOUT;
constexpr auto kError = session::v1::OUTPUT_STREAM_STDERR;

class OutputChunksTest : public testing::Test {
 protected:
  OutputChunks Make(OutputChunksOptions options = {}) {
    options.emit = [this](const SessionOutput& output) {
      if (!room_) return false;
      chunks_.push_back(output);
      return true;
    };
    return OutputChunks(options, now_);
  }
  std::vector<std::string> Texts() {
    std::vector<std::string> texts;
    for (const SessionOutput& chunk : chunks_) texts.push_back(chunk.text());
    return texts;
  }
  std::string Utf8(absl::string_view bytes, size_t expected_used) {
    size_t used = 0;
    std::string text = ToUtf8(bytes, used);
    EXPECT_EQ(used, expected_used);
    return text;
  }

  absl::Time now_ = absl::FromUnixSeconds(1'000'000);
  bool room_ = true;
  std::vector<SessionOutput> chunks_;
};

TEST_F(OutputChunksTest, WhatIsNoUtf8IsReplacedAndABeginningIsKept) {
  EXPECT_EQ(Utf8("plain \x1b[1m\r\n", 12), "plain \x1b[1m\r\n");
  EXPECT_EQ(Utf8("gr\xC3\xBC\xC3\x9F \xE2\x82\xAC \xF0\x9F\x98\x80", 15), "grüß € 😀");
  EXPECT_EQ(Utf8("a\xFF\xC0\xAFz", 5), "a\uFFFD\uFFFD\uFFFDz");
  EXPECT_EQ(Utf8("\xED\xA0\x80", 3), "\uFFFD\uFFFD\uFFFD") << "a surrogate";
  EXPECT_EQ(Utf8("\xF4\x90\x80\x80", 4), "\uFFFD\uFFFD\uFFFD\uFFFD") << "above U+10FFFF";
  EXPECT_EQ(Utf8("\xE2\x82z", 3), "\uFFFDz") << "one for each cut character";
  EXPECT_EQ(Utf8("a\xE2\x82", 1), "a");
  EXPECT_EQ(Utf8("a\xF0", 1), "a");
  EXPECT_EQ(Utf8("", 0), "");
}

TEST_F(OutputChunksTest, OutputIsGatheredForAMoment) {
  OutputChunks chunks = Make();
  EXPECT_EQ(chunks.due(), absl::InfiniteFuture());
  chunks.Add("one ", now_);
  chunks.Add("two", now_ + absl::Milliseconds(100));
  EXPECT_EQ(chunks.due(), now_ + absl::Milliseconds(200));
  chunks.Tick(now_ + absl::Milliseconds(199));
  EXPECT_THAT(chunks_, IsEmpty());
  chunks.Tick(now_ + absl::Milliseconds(200));
  EXPECT_THAT(Texts(), ElementsAre("one two"));
  EXPECT_EQ(chunks.due(), absl::InfiniteFuture());
  chunks.Add("three", now_ + absl::Seconds(1));
  chunks.Finish();
  EXPECT_THAT(Texts(), ElementsAre("one two", "three"));
  EXPECT_EQ(chunks_[1].first_byte(), 7);
}

TEST_F(OutputChunksTest, AChunkEndsBetweenCharacters) {
  OutputChunksOptions options;
  options.chunk_bytes_max = 4;
  OutputChunks chunks = Make(options);
  chunks.Add("ab€c", now_);
  chunks.Finish();
  EXPECT_THAT(Texts(), ElementsAre("ab", "€c"));
  EXPECT_EQ(chunks_[1].first_byte(), 2);
}

TEST_F(OutputChunksTest, ACharacterThatComesInTwoPiecesIsWhole) {
  OutputChunks chunks = Make();
  chunks.Add("a\xE2\x82", now_);
  chunks.Tick(now_ + absl::Seconds(1));
  chunks.Tick(now_ + absl::Seconds(2));
  chunks.Add("\xAC", now_ + absl::Seconds(3));
  chunks.Tick(now_ + absl::Seconds(4));
  EXPECT_THAT(Texts(), ElementsAre("a", "€"));
  chunks.Add("\xE2\x82", now_ + absl::Seconds(5));
  chunks.Finish();
  EXPECT_EQ(Texts().back(), "\uFFFD");
}

TEST_F(OutputChunksTest, TheBeginningOfACharacterIsNoReasonToWakeUp) {
  OutputChunks chunks = Make();
  chunks.Add("a\xE2\x82", now_);
  now_ += absl::Seconds(1);
  chunks.Tick(now_);
  EXPECT_EQ(chunks.due(), absl::InfiniteFuture());
  chunks.Add("\xAC", now_);
  EXPECT_EQ(chunks.due(), now_ + absl::Milliseconds(200));
  chunks.Tick(now_ + absl::Milliseconds(200));
  EXPECT_THAT(Texts(), ElementsAre("a", "€"));
}

TEST_F(OutputChunksTest, WhatIsAboveTheRateIsCountedAndNothingElseIsLost) {
  OutputChunksOptions options;
  options.bytes_per_second_max = 10;
  options.burst_bytes_max = 20;
  OutputChunks chunks = Make(options);
  chunks.Add(std::string(50, 'a'), now_);
  chunks.Add(std::string(5, 'b'), now_ + absl::Milliseconds(100));
  chunks.Add(std::string(30, 'c'), now_ + absl::Seconds(10));
  chunks.Finish();
  ASSERT_EQ(chunks_.size(), 4u);
  EXPECT_EQ(chunks_[0].text(), std::string(20, 'a'));
  EXPECT_EQ(chunks_[0].bytes_left_out(), 0);
  EXPECT_EQ(chunks_[1].text(), "b");
  EXPECT_EQ(chunks_[1].first_byte(), 50);
  EXPECT_EQ(chunks_[1].bytes_left_out(), 30);
  EXPECT_EQ(chunks_[2].text(), std::string(20, 'c'));
  EXPECT_EQ(chunks_[2].first_byte(), 55);
  EXPECT_EQ(chunks_[2].bytes_left_out(), 4);
  EXPECT_EQ(chunks_[3].text(), "") << "the end says what is missing of it";
  EXPECT_EQ(chunks_[3].first_byte(), 85);
  EXPECT_EQ(chunks_[3].bytes_left_out(), 10);
}

TEST_F(OutputChunksTest, ARateHasFourSecondsOfItselfAtOnceHoweverHighItIs) {
  EXPECT_EQ(OutputAtRate(10).bytes_per_second_max, 10);
  EXPECT_EQ(OutputAtRate(10).burst_bytes_max, 40);
  EXPECT_GT(OutputAtRate(std::numeric_limits<int64_t>::max()).burst_bytes_max, 1'000'000);
}

TEST_F(OutputChunksTest, WhatThereIsNoRoomForIsLeftOutToo) {
  OutputChunks chunks = Make();
  room_ = false;
  chunks.Add("lost", now_);
  chunks.Tick(now_ + absl::Seconds(1));
  room_ = true;
  chunks.Add("kept", now_ + absl::Seconds(2));
  chunks.Finish();
  ASSERT_EQ(chunks_.size(), 1u);
  EXPECT_EQ(chunks_[0].text(), "kept");
  EXPECT_EQ(chunks_[0].first_byte(), 4);
  EXPECT_EQ(chunks_[0].bytes_left_out(), 4);
}

TEST_F(OutputChunksTest, EachStreamCountsItsOwnBytesAndKeepsItsCharactersWhole) {
  OutputChunks chunks = Make();
  chunks.Add("out\xE2\x82", now_, kOut);
  chunks.Add("error\n", now_ + absl::Milliseconds(10), kError);
  chunks.Tick(now_ + absl::Seconds(1));
  EXPECT_THAT(Texts(), ElementsAre("out", "error\n")) << "in the order of their first bytes";
  chunks.Add("\xAC", now_ + absl::Seconds(2), kOut);
  chunks.Add("again", now_ + absl::Seconds(2), kError);
  chunks.Finish();
  ASSERT_THAT(Texts(), ElementsAre("out", "error\n", "€", "again"));
  EXPECT_EQ(chunks_[0].stream(), kOut);
  EXPECT_EQ(chunks_[1].stream(), kError);
  EXPECT_EQ(chunks_[2].stream(), kOut);
  EXPECT_EQ(chunks_[2].first_byte(), 3);
  EXPECT_EQ(chunks_[3].first_byte(), 6);
}

TEST_F(OutputChunksTest, AFullChunkDoesNotOvertakeWhatOtherStreamsHadBefore) {
  OutputChunksOptions options;
  options.chunk_bytes_max = 4;
  OutputChunks chunks = Make(options);
  chunks.Add("e", now_, kError);
  chunks.Add("full chunk", now_ + absl::Milliseconds(1), kOut);
  EXPECT_THAT(Texts(), ElementsAre("e", "full", " chu"));
  chunks.Add("E", now_ + absl::Milliseconds(2), kError);
  chunks.Finish();
  EXPECT_THAT(Texts(), ElementsAre("e", "full", " chu", "nk", "E"));
}

TEST_F(OutputChunksTest, StreamsHaveOneRateTogether) {
  OutputChunksOptions options;
  options.bytes_per_second_max = 10;
  options.burst_bytes_max = 20;
  OutputChunks chunks = Make(options);
  chunks.Add(std::string(15, 'a'), now_, kOut);
  chunks.Add(std::string(15, 'b'), now_ + absl::Microseconds(1), kError);
  chunks.Finish();
  EXPECT_THAT(Texts(), ElementsAre(std::string(15, 'a'), std::string(5, 'b'), ""));
  EXPECT_EQ(chunks_[2].stream(), kError);
  EXPECT_EQ(chunks_[2].bytes_left_out(), 10);
}

}  // namespace
}  // namespace eventlog
