#include "gateway-svc/http/start_lookup.h"

#include <memory>
#include <optional>
#include <utility>

#include "gtest/gtest.h"
#include "tests/gateway-svc/http/fake_host.h"

namespace gateway {
namespace {

using Kind = StartPosition::Kind;

// Remembers what it is asked, and answers when the test does.
class AskedLog : public PageReader {
 public:
  using Done = std::function<void(absl::StatusOr<LogPosition>)>;

  void ReadPage(int64_t, int64_t, std::function<void(absl::StatusOr<LogPage>)>) override {}
  void FindTime(absl::Time time, Done done) override {
    asked_time = time;
    answer = std::move(done);
  }
  void FindTail(int64_t count, Done done) override {
    asked_tail = count;
    answer = std::move(done);
  }

  std::optional<absl::Time> asked_time;
  std::optional<int64_t> asked_tail;
  Done answer;
};

class StartLookupTest : public testing::Test {
 protected:
  StartLookupTest() : host_(/*ring_start=*/50, /*log_head=*/100) { host_.page_reader = &log_; }

  void Find(const char* start) {
    found_.reset();
    FindStart(host_, *ParseStartCursor(start), client_, [this](const FoundStart& found) {
      found_ = found.position;
      EXPECT_EQ(found.state.life, host_.event_ring.state().life);
    });
  }
  // The log answers; nothing happens before the shard's turn.
  void Answer(absl::StatusOr<LogPosition> position) {
    log_.answer(std::move(position));
    EXPECT_FALSE(found_.has_value()) << "not on the log's thread";
    host_.Run();
  }

  AskedLog log_;
  FakeHost host_;
  std::shared_ptr<int> client_ = std::make_shared<int>();
  std::optional<StartPosition> found_;
};

TEST_F(StartLookupTest, WhatIsKnownIsToldAtOnceAndTheLogIsNotAsked) {
  Find("latest");
  ASSERT_TRUE(found_.has_value());
  EXPECT_EQ(found_->offset, 100);
  Find("00000000000000bb:3");
  ASSERT_TRUE(found_.has_value());
  EXPECT_EQ(found_->refusal.code.code, 4001);
  EXPECT_FALSE(log_.asked_tail.has_value());
}

TEST_F(StartLookupTest, TailAndTimeAreWhatTheLogSays) {
  Find("tail:7");
  EXPECT_EQ(log_.asked_tail, 7);
  Answer(LogPosition{kEpoch, 91});
  ASSERT_TRUE(found_.has_value());
  EXPECT_EQ(found_->kind, Kind::kOffset);
  EXPECT_EQ(found_->offset, 91);
  Find("time:1970-01-01T00:00:09Z");
  EXPECT_EQ(log_.asked_time, absl::FromUnixSeconds(9));
  Answer(LogPosition{kEpoch, 12});
  EXPECT_EQ(found_->offset, 12);
}

TEST_F(StartLookupTest, ACursorBeyondTheHeadThatIsKnownIsJudgedByTheLogsOwnHead) {
  Find("00000000000000aa:104");
  EXPECT_EQ(log_.asked_tail, 0);
  Answer(LogPosition{kEpoch, 105});
  EXPECT_EQ(found_->kind, Kind::kOffset);
  EXPECT_EQ(found_->offset, 105);
  Find("00000000000000aa:104");
  Answer(LogPosition{kEpoch, 104});
  EXPECT_EQ(found_->refusal.code.code, 4002);
}

TEST_F(StartLookupTest, AFailureIsRefusedInWords) {
  Find("tail:7");
  Answer(absl::UnavailableError("away"));
  EXPECT_EQ(found_->kind, Kind::kRefused);
  EXPECT_EQ(found_->refusal.code.code, 1013);
  Find("time:1970-01-01T00:00:09Z");
  Answer(absl::InvalidArgumentError("no such time"));
  EXPECT_EQ(found_->refusal.code.code, 4000);
}

TEST_F(StartLookupTest, APlaceInAnotherLifeOfTheLogIsNoPlace) {
  Find("tail:7");
  Answer(LogPosition{"00000000000000bb", 91});
  EXPECT_EQ(found_->kind, Kind::kRefused);
  EXPECT_EQ(found_->refusal.code.code, 1013) << "it may come back: the gateway hears of the new one soon";
  Find("tail:7");
  host_.hub.Connected("00000000000000bb", 0, 5, 5);
  Answer(LogPosition{kEpoch, 91});
  EXPECT_EQ(found_->kind, Kind::kRefused);
}

TEST_F(StartLookupTest, AClientThatWentIsNotTold) {
  Find("tail:7");
  log_.answer(LogPosition{kEpoch, 91});
  client_.reset();
  host_.Run();
  EXPECT_FALSE(found_.has_value());
}

}  // namespace
}  // namespace gateway
