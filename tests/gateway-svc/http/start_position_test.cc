#include "gateway-svc/http/start_position.h"

#include <limits>

#include "gtest/gtest.h"

namespace gateway {
namespace {

using Kind = StartPosition::Kind;

RingState State() {
  RingState state;
  state.connected = state.ready = true;
  state.epoch = "00000000000000aa";
  state.log_start = 10;
  state.ring_start = 50;
  state.head = 100;
  state.log_head = 100;
  return state;
}

StartPosition Decide(const char* cursor, const RingState& state = State()) {
  return DecideStart(*ParseStartCursor(cursor), state);
}

TEST(StartPositionTest, LatestIsTheHead) {
  EXPECT_EQ(Decide("latest").offset, 100);
  EXPECT_EQ(Decide("tail:0").offset, 100);
}

TEST(StartPositionTest, LatestIsTheLogsHeadWhileTheGatewayCatchesUp) {
  RingState state = State();
  state.log_head = 700;
  EXPECT_EQ(Decide("latest", state).offset, 700);
  EXPECT_EQ(Decide("tail:0", state).offset, 700);
  EXPECT_EQ(Decide("00000000000000aa:698", state).offset, 699);
}

TEST(StartPositionTest, ACursorSaysWhatWasProcessed) {
  EXPECT_EQ(Decide("00000000000000aa:41").offset, 42);
  EXPECT_EQ(Decide("00000000000000aa:-1").offset, 0);
  EXPECT_EQ(Decide("00000000000000aa:99").kind, Kind::kOffset);
}

TEST(StartPositionTest, EarliestIsAskedUnlessTheRingHasIt) {
  EXPECT_EQ(Decide("earliest").kind, Kind::kAskTail);
  EXPECT_EQ(Decide("earliest").tail, std::numeric_limits<int64_t>::max());
  RingState whole = State();
  whole.ring_start = 10;
  EXPECT_EQ(Decide("earliest", whole).kind, Kind::kOffset);
  EXPECT_EQ(Decide("earliest", whole).offset, 10);
  RingState lost = State();
  lost.connected = false;
  EXPECT_EQ(Decide("earliest", lost).kind, Kind::kOffset);
}

TEST(StartPositionTest, TailAndTimeAreAsked) {
  EXPECT_EQ(Decide("tail:7").kind, Kind::kAskTail);
  EXPECT_EQ(Decide("tail:7").tail, 7);
  EXPECT_EQ(Decide("time:1970-01-01T00:00:09Z").kind, Kind::kAskTime);
  EXPECT_EQ(Decide("time:1970-01-01T00:00:09Z").time, absl::FromUnixSeconds(9));
}

TEST(StartPositionTest, AnotherEpochIsRefusedAndNotGuessed) {
  const StartPosition position = Decide("00000000000000bb:41");
  EXPECT_EQ(position.kind, Kind::kRefused);
  EXPECT_EQ(position.refusal.code.code, 4001);
}

TEST(StartPositionTest, BeyondTheHeadTheLogDecides) {
  EXPECT_EQ(Decide("00000000000000aa:100").kind, Kind::kAskHead);
  const StartCursor cursor = *ParseStartCursor("00000000000000aa:100");
  EXPECT_EQ(ConfirmHead(cursor, 101).offset, 101);
  EXPECT_EQ(ConfirmHead(cursor, 100).kind, Kind::kRefused);
  EXPECT_EQ(ConfirmHead(cursor, 100).refusal.code.code, 4002);
}

TEST(StartPositionTest, WithoutUpstreamItMayComeBack) {
  const StartPosition position = Decide("latest", RingState());
  EXPECT_EQ(position.kind, Kind::kRefused);
  EXPECT_EQ(position.refusal.code.code, 1013);
  EXPECT_EQ(position.refusal.code.comeback, Comeback::kBackOff);
}

TEST(StartPositionTest, AFailedLookupIsTheClientsFaultOnlyWhenTheLogSaysSo) {
  EXPECT_EQ(LookupFailed(absl::InvalidArgumentError("no")).code.code, 4000);
  EXPECT_EQ(LookupFailed(absl::OutOfRangeError("no")).code.code, 4000);
  EXPECT_EQ(LookupFailed(absl::UnavailableError("away")).code.code, 1013);
}

}  // namespace
}  // namespace gateway
