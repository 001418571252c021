#include "gateway-svc/hub/client_cursor.h"

#include <algorithm>
#include <atomic>
#include <memory>
#include <random>
#include <thread>
#include <vector>

#include "gateway-svc/hub/hub.h"
#include "gtest/gtest.h"
#include "tests/gateway-svc/hub/hub_fixture.h"

namespace gateway {
namespace {

class ClientCursorTest : public testing::Test {
 protected:
  explicit ClientCursorTest(size_t ring_bytes = 20'000)
      : ring_(ring_bytes), hub_(ring_), pages_(5'000), cold_(pages_, 200'000), kept_(1 << 20) {
    hub_.Connected(kEpoch, 0, 0, 0);
    sources_ = {&ring_, &cold_, &counters_, &kept_, nullptr, 700};
  }
  ClientCursor Cursor(const Filter& filter, int64_t next_offset) {
    return ClientCursor(std::make_shared<FilterGroup>(sources_, SpecOf(format_, filter)), ring_.state(), next_offset);
  }
  Pulled Pull(ClientCursor& cursor) { return cursor.Pull(ring_.state()); }
  // Pulls until nothing is left.
  std::vector<int64_t> Drain(ClientCursor& cursor) {
    std::vector<int64_t> found;
    while (true) {
      const Pulled pulled = Pull(cursor);
      if (pulled.state == Pulled::State::kFrame) ReadFrames(pulled.frame->bytes, found);
      if (pulled.state == Pulled::State::kCaughtUp || pulled.state == Pulled::State::kEnded) return found;
      EXPECT_TRUE(pulled.state == Pulled::State::kFrame || pulled.state == Pulled::State::kWaiting ||
                  pulled.state == Pulled::State::kScanned);
    }
  }

  EventRing ring_;
  Hub hub_;
  FakePages pages_;
  ColdReader cold_;
  TextFormat format_;
  FrameCounters counters_;
  FrameCache kept_;
  FrameSources sources_;
};

TEST_F(ClientCursorTest, AClientGetsTheFilteredLogInOrderWhateverTheRingHas) {
  std::mt19937 random(7);
  const std::vector<Filter> filters = {
      {}, {{"t.1"}, {}, {}, {}}, {{"t.*"}, {"s2", "s3"}, {}, {}}, {{"none"}, {}, {}, {}}};
  struct Client {
    Filter filter;
    ClientCursor cursor;
    int64_t start;
    std::vector<int64_t> found;
  };
  std::vector<Client> clients;
  int64_t head = 0;
  for (int step = 0; step < 3'000; ++step) {
    const int64_t next = head + 1 + static_cast<int64_t>(random() % 8);
    hub_.Broadcast(Block(head, next));
    head = next;
    if (step % 100 == 0) {
      const int64_t start = static_cast<int64_t>(random() % static_cast<uint32_t>(head));
      const Filter filter = filters[random() % filters.size()];
      clients.push_back({filter, Cursor(filter, start), start, {}});
    }
    // Some read often, some seldom: those fall below the ring and come back through the log.
    for (size_t i = 0; i < clients.size(); ++i) {
      if (random() % (1 + i * i) != 0) continue;
      for (size_t pulls = random() % 8; pulls > 0; --pulls) {
        const Pulled pulled = Pull(clients[i].cursor);
        if (pulled.state == Pulled::State::kFrame) ReadFrames(pulled.frame->bytes, clients[i].found);
      }
    }
  }
  for (Client& client : clients) {
    const std::vector<int64_t> rest = Drain(client.cursor);
    client.found.insert(client.found.end(), rest.begin(), rest.end());
    std::vector<int64_t> expected;
    for (int64_t offset = client.start; offset < head; ++offset) {
      if (client.filter.Matches(EventAt(offset))) expected.push_back(offset);
    }
    EXPECT_EQ(expected, client.found);
    EXPECT_EQ(head, client.cursor.next_offset());
  }
  EXPECT_GT(pages_.reads, 0) << "nobody fell below the ring: the test shows less than it says";
}

TEST_F(ClientCursorTest, EveryClientThatCrossesAGapIsTold) {
  hub_.Broadcast(Block(0, 3));
  hub_.Broadcast(GapBlock(3, 6));
  hub_.Broadcast(Block(6, 8));
  ClientCursor all = Cursor({}, 0);
  ClientCursor none = Cursor({{"none"}, {}, {}, {}}, 0);
  EXPECT_EQ((std::vector<int64_t>{0, 1, 2, -4, -7, 6, 7}), Drain(all));
  EXPECT_EQ((std::vector<int64_t>{-4, -7}), Drain(none));
}

TEST_F(ClientCursorTest, ItEndsWhereItWasAskedTo) {
  hub_.Broadcast(Block(0, 8));
  FrameSpec spec = SpecOf(format_);
  spec.until_offset = 5;
  ClientCursor offset(std::make_shared<FilterGroup>(sources_, spec), ring_.state(), 2);
  EXPECT_EQ((std::vector<int64_t>{2, 3, 4}), Drain(offset));
  EXPECT_EQ(Pulled::State::kEnded, Pull(offset).state);
  spec = SpecOf(format_);
  spec.until_time = absl::FromUnixSeconds(6);
  ClientCursor time(std::make_shared<FilterGroup>(sources_, spec), ring_.state(), 2);
  EXPECT_EQ((std::vector<int64_t>{2, 3, 4, 5}), Drain(time));
  EXPECT_EQ(Pulled::State::kEnded, Pull(time).state);
  EXPECT_EQ(6, time.next_offset());
}

TEST_F(ClientCursorTest, ItGoesOnInAnotherGroupWhereItIs) {
  hub_.Broadcast(Block(0, 6));
  ClientCursor cursor = Cursor({{"t.0"}, {}, {}, {}}, 0);
  EXPECT_EQ((std::vector<int64_t>{0, 3}), Drain(cursor));
  cursor.Join(std::make_shared<FilterGroup>(sources_, SpecOf(format_, {{"t.1"}, {}, {}, {}})));
  hub_.Broadcast(Block(6, 12));
  EXPECT_EQ((std::vector<int64_t>{7, 10}), Drain(cursor));
}

TEST_F(ClientCursorTest, AStateFromBeforeItBeganSaysNothing) {
  const RingState before = ring_.state();
  hub_.Connected("00000000000000bb", 0, 0, 0);
  ClientCursor cursor = Cursor({}, 0);
  EXPECT_EQ(Pulled::State::kStale, cursor.Pull(before).state);
}

TEST_F(ClientCursorTest, OnlyAFilterThatIsSharedKeepsItsFrames) {
  hub_.Broadcast(Block(0, 5));
  {
    ClientCursor alone = Cursor({{"t.1"}, {}, {}, {}}, 0);
    Drain(alone);
    EXPECT_EQ(0u, kept_.bytes()) << "a client must not bring memory of its own";
  }
  const auto group = std::make_shared<FilterGroup>(sources_, SpecOf(format_));
  ClientCursor one(group, ring_.state(), 0);
  ClientCursor other(group, ring_.state(), 0);
  EXPECT_EQ(Drain(one), Drain(other));
  EXPECT_EQ(1, counters_.shared);
}

TEST_F(ClientCursorTest, AReplacedLogEndsTheCursor) {
  hub_.Broadcast(Block(0, 3));
  ClientCursor cursor = Cursor({}, 0);
  hub_.Connected("00000000000000bb", 0, 0, 0);
  EXPECT_EQ(Pulled::State::kOtherLog, Pull(cursor).state);
}

TEST_F(ClientCursorTest, AFailedColdReadLeavesTheClientWhereItIs) {
  hub_.Connected(kEpoch, 0, 100, 100);
  hub_.Broadcast(Block(100, 101));
  pages_.failure = absl::UnavailableError("away");
  ClientCursor cursor = Cursor({}, 0);
  EXPECT_EQ(Pulled::State::kWaiting, Pull(cursor).state);
  EXPECT_EQ(Pulled::State::kFailed, Pull(cursor).state);
  EXPECT_EQ(0, cursor.next_offset());
}

TEST_F(ClientCursorTest, AClientOfARunningBroadcastMissesAndRepeatsNothing) {
  constexpr int64_t kEvents = 20'000;
  std::thread writer([&] {
    for (int64_t offset = 0; offset < kEvents; ++offset) hub_.Broadcast(Block(offset, offset + 1));
  });
  ClientCursor cursor = Cursor({}, 0);
  std::vector<int64_t> found;
  while (cursor.next_offset() < kEvents) {
    const Pulled pulled = Pull(cursor);
    if (pulled.state == Pulled::State::kFrame) ReadFrames(pulled.frame->bytes, found);
  }
  writer.join();
  ASSERT_EQ(static_cast<size_t>(kEvents), found.size());
  for (int64_t offset = 0; offset < kEvents; ++offset) ASSERT_EQ(offset, found[static_cast<size_t>(offset)]);
}

}  // namespace
}  // namespace gateway
