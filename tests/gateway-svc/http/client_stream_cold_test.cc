// A ClientStream and reads of the log that are not answered at once.

#include <utility>

#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "tests/gateway-svc/http/client_stream_fixture.h"

namespace gateway {
namespace {

using testing::AllOf;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::StartsWith;

class ColdStreamTest : public ClientStreamTest {
 protected:
  ColdStreamTest() : ClientStreamTest(/*ring_start=*/10, /*log_head=*/10) { host_.log.hold = true; }
  // The log answers, and the shard's turn comes.
  void AnswerLog() {
    host_.log.AnswerHeld();
    if (std::exchange(sink_.awaited, {}).empty()) return;
    stream_.OnPage();
    stream_.OnTurn();
    TakeTurns();
  }
};

TEST_F(ColdStreamTest, AColdReadIsAwaitedThenLiveAgain) {
  Begin("", /*next_offset=*/10);
  EXPECT_THAT(Fill(), ElementsAre(Live(9)));
  // The feed lost its place and began anew further on: what lies between is read from the log.
  host_.hub.Connected(kEpoch, 0, 20, 20);
  host_.log.head = 20;
  host_.Look();
  EXPECT_THAT(Fill(), IsEmpty());
  EXPECT_EQ(stream_.next_fill(now_), absl::InfiniteDuration()) << "until the read is answered";
  stream_.OnRingChanged();
  EXPECT_EQ(stream_.next_fill(now_), absl::InfiniteDuration());
  EXPECT_THAT(sink_.awaited, ElementsAre(0));
  AnswerLog();
  EXPECT_EQ(stream_.next_fill(now_), now_);
  EXPECT_THAT(Fill(), ElementsAre("E 10 11 12 13 14 15 16 17 18 19 >20;", Live(19)));
}

TEST_F(ColdStreamTest, AFailedReadIsTriedAgainAtTheTimer) {
  Begin("", /*next_offset=*/10);
  Fill();
  host_.hub.Connected(kEpoch, 0, 20, 20);
  host_.log.head = 20;
  host_.Look();
  host_.log.failure = absl::UnavailableError("away");
  EXPECT_THAT(Fill(), IsEmpty());
  AnswerLog();
  sink_.wake = absl::InfiniteDuration();
  EXPECT_THAT(Fill(), IsEmpty());
  EXPECT_EQ(sink_.end, "");
  EXPECT_GT(sink_.wake, now_);
  EXPECT_LE(sink_.wake, now_ + absl::Seconds(1)) << "soon, but not at once";
  EXPECT_EQ(stream_.next_fill(now_), absl::InfiniteDuration());
  now_ = sink_.wake;
  stream_.OnTimer(now_);
  EXPECT_EQ(stream_.next_fill(now_), now_);
}

TEST_F(ColdStreamTest, AFetchWhileAColdReadIsUnderWayIsAnsweredByItself) {
  Begin("", /*next_offset=*/0);
  EXPECT_THAT(Fill(), IsEmpty());
  host_.Publish(5);  // 10 to 14, in the ring
  EXPECT_THAT(
      Say(R"({"type":"fetch","id":"f","after":"00000000000000aa:12"})"),
      ElementsAre(AllOf(StartsWith(R"({"type":"page","id":"f","events":[{"offset":13)"), HasSubstr(R"("end":true)"))));
  AnswerLog();
  EXPECT_THAT(Fill(), ElementsAre("E 0 1 2 3 4 5 6 7 8 9 10 11 12 13 14 >15;", Live(14)));
}

TEST_F(ColdStreamTest, OneColdFetchAtATimeAndTheStreamGoesOnMeanwhile) {
  Begin("", /*next_offset=*/10);
  EXPECT_THAT(Say(R"({"type":"fetch","id":"f","before":"00000000000000aa:5","limit":2})"), IsEmpty());
  EXPECT_THAT(Say(R"({"type":"fetch","id":"g","after":"00000000000000aa:5"})"),
              ElementsAre(AllOf(HasSubstr("FETCH_UNDER_WAY"), HasSubstr(R"("retry":true,"id":"g")"))));
  host_.Publish(1);
  EXPECT_THAT(Fill(), ElementsAre("E 10 >11;", Live(10)));
  AnswerLog();
  EXPECT_THAT(Take(), ElementsAre(AllOf(StartsWith(R"({"type":"page","id":"f","events":[{"offset":3,)"),
                                        HasSubstr(R"("before":"00000000000000aa:3","after":"00000000000000aa:4")"),
                                        HasSubstr(R"("end":false)"))));
  EXPECT_THAT(Say(R"({"type":"fetch","id":"h","before":"00000000000000aa:2"})"), ElementsAre(HasSubstr(R"("id":"h")")))
      << "the next one may come";
}

TEST_F(ColdStreamTest, AFetchThatFailsSaysSoAndTheStreamStays) {
  Begin("", /*next_offset=*/10);
  host_.log.failure = absl::UnavailableError("away");
  EXPECT_THAT(Say(R"({"type":"fetch","id":"f","before":"00000000000000aa:5"})"), IsEmpty());
  AnswerLog();
  EXPECT_THAT(Take(), ElementsAre(AllOf(HasSubstr("UPSTREAM_UNAVAILABLE"), HasSubstr(R"("retry":true,"id":"f")"))));
  EXPECT_EQ(sink_.end, "");
  EXPECT_THAT(Say(R"({"type":"fetch","id":"g","before":"00000000000000bb:5"})"),
              ElementsAre(HasSubstr("CURSOR_WRONG_EPOCH")));
}

}  // namespace
}  // namespace gateway
