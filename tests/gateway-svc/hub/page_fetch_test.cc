#include "gateway-svc/hub/page_fetch.h"

#include <algorithm>
#include <map>
#include <random>
#include <string>
#include <utility>
#include <vector>

#include "gateway-svc/hub/hub.h"
#include "gtest/gtest.h"
#include "tests/gateway-svc/hub/hub_fixture.h"

namespace gateway {
namespace {

// A log with holes and gaps, what is below the ring read in pages of odd sizes.
class HoledLog : public PageReader {
 public:
  explicit HoledLog(std::mt19937& random) : page_blocks_(1 + random() % 3) {
    int64_t start = 0;
    const int64_t count = 5 + random() % 40;
    for (int64_t i = 0; i < count; ++i) {
      auto block = std::make_shared<EventBlock>();
      block->start_offset = start;
      block->next_offset = start + 1 + random() % 30;
      block->bytes = 1000;
      if (i == 0 && random() % 2 == 0) {
        block->gap = BlockGap::kTrimmed;
      } else if (random() % 6 == 0) {
        block->gap = random() % 2 == 0 ? BlockGap::kCorrupt : BlockGap::kUnavailable;
      }
      for (; start < block->next_offset; ++start) {
        if (block->gap != BlockGap::kNone) gaps[start] = block->gap;
        if (block->gap == BlockGap::kNone && random() % 3 != 0) block->events.push_back(EventAt(start));
      }
      for (const EncodedEvent& event : block->events) events[event.offset] = &event;
      blocks.push_back(std::move(block));
    }
    head = start;
  }

  void ReadPage(int64_t offset, int64_t until_offset, std::function<void(absl::StatusOr<LogPage>)> done) override {
    LogPage page;
    page.epoch = kEpoch;
    for (const EventBlockPtr& block : blocks) {
      if (block->next_offset <= offset || block->start_offset >= until_offset) continue;
      if (page.blocks.size() == page_blocks_) break;
      auto slice = std::make_shared<EventBlock>();
      slice->start_offset = std::max(offset, block->start_offset);
      slice->next_offset = std::min(until_offset, block->next_offset);
      slice->gap = block->gap;
      slice->bytes = 500;
      for (const EncodedEvent& event : block->events) {
        if (event.offset >= slice->start_offset && event.offset < slice->next_offset) slice->events.push_back(event);
      }
      page.next_offset = slice->next_offset;
      page.blocks.push_back(std::move(slice));
    }
    done(std::move(page));
  }
  void FindTime(absl::Time, std::function<void(absl::StatusOr<LogPosition>)>) override {}
  void FindTail(int64_t, std::function<void(absl::StatusOr<LogPosition>)>) override {}

  int64_t head = 0;
  std::vector<EventBlockPtr> blocks;
  std::map<int64_t, const EncodedEvent*> events;
  std::map<int64_t, BlockGap> gaps;  // by each offset that is gone

 private:
  const size_t page_blocks_;
};

bool Complete(PageFetch& fetch, const EventRing& ring) {
  // With a cache that is smaller than a page each offset may need a read or two of its own.
  for (int tries = 0; tries < 10'000; ++tries) {
    const auto progress = fetch.Advance(ring.state(), std::make_shared<CountingWaiter>());
    EXPECT_TRUE(progress.ok()) << progress.status();
    if (!progress.ok() || *progress == PageFetch::Progress::kDone) return progress.ok();
  }
  ADD_FAILURE() << "the page does not become complete";
  return false;
}

std::vector<int64_t> OffsetsOf(const PageFetch& fetch) {
  std::vector<int64_t> offsets;
  for (const EncodedEvent* event : fetch.events()) offsets.push_back(event->offset);
  return offsets;
}

// The page is what lies in the range that it names, and the range is as large as the limit lets it be.
void Check(const HoledLog& log, const Filter& filter, const PageFetch& fetch, FetchDirection direction, int64_t offset,
           int64_t limit) {
  const bool after = direction == FetchDirection::kAfter;
  ASSERT_LE(fetch.start_offset(), fetch.next_offset());
  ASSERT_EQ(after ? fetch.start_offset() : fetch.next_offset(), std::min(offset, log.head));
  std::vector<int64_t> wanted;
  for (const auto& [at, event] : log.events) {
    if (at >= fetch.start_offset() && at < fetch.next_offset() && filter.Matches(*event)) wanted.push_back(at);
  }
  ASSERT_EQ(OffsetsOf(fetch), wanted);
  ASSERT_LE(static_cast<int64_t>(wanted.size()), limit);
  ASSERT_TRUE(fetch.end() || static_cast<int64_t>(wanted.size()) == limit) << "one that is not full is the last";
  const bool trimmed_below =
      log.gaps.count(fetch.start_offset()) > 0 && log.gaps.at(fetch.start_offset()) == BlockGap::kTrimmed;
  if (fetch.end()) {
    ASSERT_TRUE(after ? fetch.next_offset() == log.head : fetch.start_offset() == 0 || trimmed_below);
  } else {
    ASSERT_TRUE(after ? fetch.next_offset() < log.head : fetch.start_offset() > 0);
  }
  std::map<int64_t, BlockGap> gaps, told;
  for (const auto& [at, reason] : log.gaps) {
    if (at >= fetch.start_offset() && at < fetch.next_offset()) gaps[at] = reason;
  }
  int64_t last = -1;
  for (const PageFetch::Gap& gap : fetch.gaps()) {
    ASSERT_GE(gap.start_offset, last) << "ascending";
    last = gap.next_offset;
    for (int64_t at = gap.start_offset; at < gap.next_offset; ++at) told[at] = gap.reason;
  }
  ASSERT_EQ(told, gaps);
}

TEST(PageFetchTest, APageIsWhatLiesInItsRange) {
  std::mt19937 random(5);
  const std::vector<Filter> filters = {
      {}, {{"t.1"}, {}, {}, {}}, {{"t.*"}, {"s2", "s3"}, {}, {}}, {{"no"}, {}, {}, {}}};
  for (int round = 0; round < 400; ++round) {
    HoledLog log(random);
    EventRing ring(1000 * (1 + random() % log.blocks.size()));
    Hub hub(ring);
    hub.Connected(kEpoch, 0, log.head, 0);
    for (const EventBlockPtr& block : log.blocks) hub.Broadcast(block);
    ColdReader cold(log, random() % 2 == 0 ? 700 : 1 << 20);  // less than one page, or all
    for (int fetches = 0; fetches < 20; ++fetches) {
      const Filter& filter = filters[random() % filters.size()];
      const auto direction = random() % 2 == 0 ? FetchDirection::kBefore : FetchDirection::kAfter;
      const auto offset = static_cast<int64_t>(random() % (log.head + 10));
      const auto limit = static_cast<int64_t>(1 + random() % 20);
      PageFetch fetch(ring, cold, filter, direction, offset, limit);
      ASSERT_TRUE(Complete(fetch, ring));
      ASSERT_NO_FATAL_FAILURE(Check(log, filter, fetch, direction, offset, limit))
          << "round " << round << " offset " << offset << " limit " << limit;
    }
  }
}

TEST(PageFetchTest, PageAfterPageBringsEachEventOnceInBothDirections) {
  std::mt19937 random(6);
  for (int round = 0; round < 100; ++round) {
    HoledLog log(random);
    EventRing ring(1000 * (1 + random() % log.blocks.size()));
    Hub hub(ring);
    hub.Connected(kEpoch, 0, log.head, 0);
    for (const EventBlockPtr& block : log.blocks) hub.Broadcast(block);
    ColdReader cold(log, 1 << 20);
    std::vector<int64_t> all;
    for (const auto& [at, event] : log.events) all.push_back(at);
    std::vector<int64_t> up, down;
    bool end = false;
    for (int64_t at = 0; !end;) {
      PageFetch fetch(ring, cold, {}, FetchDirection::kAfter, at, 7);
      ASSERT_TRUE(Complete(fetch, ring));
      const std::vector<int64_t> page = OffsetsOf(fetch);
      up.insert(up.end(), page.begin(), page.end());
      ASSERT_TRUE(fetch.end() || fetch.next_offset() > at);
      at = fetch.next_offset();
      end = fetch.end();
    }
    end = false;
    for (int64_t at = log.head; !end;) {
      PageFetch fetch(ring, cold, {}, FetchDirection::kBefore, at, 7);
      ASSERT_TRUE(Complete(fetch, ring));
      const std::vector<int64_t> page = OffsetsOf(fetch);
      down.insert(down.begin(), page.begin(), page.end());
      ASSERT_TRUE(fetch.end() || fetch.start_offset() < at);
      at = fetch.start_offset();
      end = fetch.end();
    }
    ASSERT_EQ(up, all);
    ASSERT_EQ(down, all);
  }
}

class ColdPageTest : public testing::Test {
 protected:
  ColdPageTest() : ring_(1 << 20), hub_(ring_), pages_(100'000), cold_(pages_, 64 << 20) {
    hub_.Connected(kEpoch, 0, 100'000, 100'000);
  }
  EventRing ring_;
  Hub hub_;
  FakePages pages_;
  ColdReader cold_;
};

TEST_F(ColdPageTest, AFilterThatTakesNothingEndsEarlyAndSaysHowFar) {
  const Filter nothing{{"none"}, {}, {}, {}};
  PageFetch after(ring_, cold_, nothing, FetchDirection::kAfter, 0, 10);
  ASSERT_TRUE(Complete(after, ring_));
  EXPECT_FALSE(after.end());
  EXPECT_EQ(after.next_offset(), 20'000);
  PageFetch before(ring_, cold_, nothing, FetchDirection::kBefore, 100'000, 10);
  ASSERT_TRUE(Complete(before, ring_));
  EXPECT_FALSE(before.end());
  EXPECT_EQ(before.start_offset(), 80'000);
}

TEST_F(ColdPageTest, ItIsBoundedByBytesAndGoesOnWhereItStopped) {
  auto block = std::make_shared<EventBlock>();
  block->start_offset = 100'000;
  block->next_offset = 100'010;
  block->bytes = 1;
  for (int64_t offset = 100'000; offset < 100'010; ++offset) {
    block->events.push_back(EventAt(offset));
    block->events.back().json.resize(200'000, ' ');
  }
  hub_.Broadcast(block);
  PageFetch before(ring_, cold_, {}, FetchDirection::kBefore, 100'010, 100);
  ASSERT_TRUE(Complete(before, ring_));
  EXPECT_EQ(OffsetsOf(before), (std::vector<int64_t>{100'007, 100'008, 100'009}));
  EXPECT_FALSE(before.end());
  EXPECT_EQ(before.start_offset(), 100'007);
  PageFetch after(ring_, cold_, {}, FetchDirection::kAfter, 100'001, 100);
  ASSERT_TRUE(Complete(after, ring_));
  EXPECT_EQ(OffsetsOf(after), (std::vector<int64_t>{100'001, 100'002, 100'003}));
  EXPECT_EQ(after.next_offset(), 100'004);
}

TEST_F(ColdPageTest, AColdReadIsAwaitedAndItsErrorIsFinal) {
  pages_.hold = true;
  const auto waiter = std::make_shared<CountingWaiter>();
  PageFetch fetch(ring_, cold_, {}, FetchDirection::kBefore, 50'000, 5);
  ASSERT_EQ(*fetch.Advance(ring_.state(), waiter), PageFetch::Progress::kWaiting);
  EXPECT_EQ(waiter->heard, 0);
  pages_.AnswerHeld();
  EXPECT_EQ(waiter->heard, 1);
  ASSERT_EQ(*fetch.Advance(ring_.state(), waiter), PageFetch::Progress::kDone);
  EXPECT_EQ(OffsetsOf(fetch), (std::vector<int64_t>{49'995, 49'996, 49'997, 49'998, 49'999}));
  pages_.failure = absl::UnavailableError("away");
  PageFetch failing(ring_, cold_, {}, FetchDirection::kAfter, 10, 5);
  ASSERT_EQ(*failing.Advance(ring_.state(), waiter), PageFetch::Progress::kWaiting);
  pages_.AnswerHeld();
  EXPECT_EQ(failing.Advance(ring_.state(), waiter).status().code(), absl::StatusCode::kUnavailable);
}

TEST_F(ColdPageTest, AFeedThatBeginsAnewBelowItBringsNoEventAgain) {
  PageFetch fetch(ring_, cold_, {}, FetchDirection::kBefore, 99'000, 2'000);
  while (fetch.events().empty()) ASSERT_TRUE(fetch.Advance(ring_.state(), nullptr).ok());
  ASSERT_LT(fetch.events().size(), 2'000u);
  hub_.Connected(kEpoch, 0, 50'000, 50'000);
  ASSERT_EQ(ring_.state().head, 50'000);
  ASSERT_TRUE(Complete(fetch, ring_));
  const std::vector<int64_t> found = OffsetsOf(fetch);
  ASSERT_EQ(found.size(), 2'000u);
  for (size_t i = 0; i < found.size(); ++i) ASSERT_EQ(found[i], 97'000 + static_cast<int64_t>(i));
}

TEST_F(ColdPageTest, WhatItLooksAtInOneTurnIsBounded) {
  // Pages of a thousand events, of which nothing is wanted.
  PageFetch fetch(ring_, cold_, {{"none"}, {}, {}, {}}, FetchDirection::kBefore, 50'000, 5);
  int turns = 0, waits = 0;
  for (auto progress = fetch.Advance(ring_.state(), nullptr); *progress != PageFetch::Progress::kDone;
       progress = fetch.Advance(ring_.state(), nullptr)) {
    ++(*progress == PageFetch::Progress::kMore ? turns : waits);
  }
  EXPECT_GE(turns, 10) << "some 20,000 events, in " << turns << " turns with " << waits << " reads";
}

}  // namespace
}  // namespace gateway
