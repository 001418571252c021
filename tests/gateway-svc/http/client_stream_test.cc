#include "gateway-svc/http/client_stream.h"

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

TEST_F(ClientStreamTest, EventsThenLiveOnceThenEvents) {
  host_.Publish(3);
  Begin("");
  EXPECT_EQ(stream_.next_fill(now_), now_);
  EXPECT_THAT(Fill(), ElementsAre("E 0 1 2 >3;", Live(2)));
  EXPECT_EQ(stream_.next_fill(now_), absl::InfiniteDuration()) << "nothing before something happens";
  host_.Publish(2);
  stream_.OnRingChanged();
  EXPECT_EQ(stream_.next_fill(now_), now_);
  EXPECT_THAT(Fill(), ElementsAre("E 3 4 >5;"));
  EXPECT_THAT(Fill(), IsEmpty());
}

TEST_F(ClientStreamTest, LiveIsNotSaidWhileTheGatewayItselfCatchesUp) {
  host_.hub.Connected(kEpoch, 0, /*log_head=*/5, 0);
  host_.Publish(3);
  Begin("");
  EXPECT_THAT(Fill(), ElementsAre("E 0 1 2 >3;"));
  host_.Publish(2);
  EXPECT_THAT(Fill(), ElementsAre("E 3 4 >5;", Live(4)));
}

TEST_F(ClientStreamTest, AWindowIsFilledUpToItsBytesAndNotBeyond) {
  host_.client_options.write_bytes_max = 150;  // an event is about a hundred
  host_.Publish(5);
  Begin("batch_max=1");
  EXPECT_THAT(Fill(), ElementsAre("E 0 >1;", "E 1 >2;"));
  EXPECT_EQ(stream_.next_fill(now_), now_) << "there is more";
  EXPECT_THAT(Fill(), ElementsAre("E 2 >3;", "E 3 >4;"));
  EXPECT_THAT(Fill(), ElementsAre("E 4 >5;", Live(4)));
}

TEST_F(ClientStreamTest, ALingerIsTheLeastTimeBetweenTwoMessagesOfEvents) {
  host_.Publish(4);
  Begin("linger_ms=50&batch_max=2");
  EXPECT_THAT(Fill(), ElementsAre("E 0 1 >2;"));
  EXPECT_EQ(stream_.next_fill(now_), now_ + absl::Milliseconds(50));
  now_ += absl::Milliseconds(49);
  EXPECT_THAT(Fill(), IsEmpty());
  stream_.OnRingChanged();
  EXPECT_EQ(stream_.next_fill(now_), now_ + absl::Milliseconds(1));
  now_ += absl::Milliseconds(1);
  EXPECT_THAT(Fill(), ElementsAre("E 2 3 >4;"));
  // A client that has waited long enough gets what comes at once.
  now_ += absl::Seconds(5);
  EXPECT_THAT(Fill(), ElementsAre(Live(3)));
  host_.Publish(1);
  stream_.OnRingChanged();
  EXPECT_EQ(stream_.next_fill(now_), now_);
  EXPECT_THAT(Fill(), ElementsAre("E 4 >5;"));
}

TEST_F(ClientStreamTest, PauseHoldsEventsAndResumeGoesOnWithTheLinger) {
  host_.Publish(2);
  Begin("linger_ms=50");
  EXPECT_THAT(Fill(), ElementsAre("E 0 1 >2;"));
  EXPECT_THAT(Say(R"({"type":"pause"})"), ElementsAre(Ack(1)));
  EXPECT_TRUE(stream_.paused());
  host_.Publish(2);
  stream_.OnRingChanged();
  EXPECT_EQ(stream_.next_fill(now_), absl::InfiniteDuration());
  now_ += absl::Milliseconds(20);
  EXPECT_THAT(Fill(), IsEmpty());
  EXPECT_THAT(Say(R"({"type":"resume"})"), ElementsAre(Ack(1)));
  EXPECT_EQ(stream_.next_fill(now_), now_ + absl::Milliseconds(30)) << "the linger still runs";
  EXPECT_THAT(Fill(), IsEmpty());
  now_ += absl::Milliseconds(30);
  EXPECT_THAT(Fill(), ElementsAre("E 2 3 >4;"));
}

TEST_F(ClientStreamTest, AHeartbeatComesExactlyWhenItIsDue) {
  Begin("heartbeat_s=2");
  EXPECT_LE(sink_.wake, now_ + absl::Seconds(2));
  EXPECT_THAT(Fill(), ElementsAre(Live(-1)));  // at now_: the heartbeat counts from here
  sink_.wake = absl::InfiniteDuration();
  stream_.OnTimer(now_ + absl::Seconds(2) - absl::Nanoseconds(1));
  EXPECT_THAT(Take(), IsEmpty());
  EXPECT_EQ(sink_.wake, now_ + absl::Seconds(2));
  sink_.wake = absl::InfiniteDuration();
  now_ += absl::Seconds(2);
  stream_.OnTimer(now_);
  EXPECT_THAT(Take(), ElementsAre(Heartbeat(-1)));
  EXPECT_EQ(sink_.wake, now_ + absl::Seconds(2));
  stream_.OnTimer(now_ + absl::Seconds(1));
  EXPECT_THAT(Take(), IsEmpty());
}

TEST_F(ClientStreamTest, AnyMessagePutsTheHeartbeatOff) {
  Begin("heartbeat_s=2");
  Fill();
  now_ += absl::Seconds(1);
  host_.Publish(1);
  EXPECT_THAT(Fill(), ElementsAre("E 0 >1;"));
  stream_.OnTimer(now_ + absl::Seconds(1));
  EXPECT_THAT(Take(), IsEmpty());
  stream_.OnTimer(now_ + absl::Seconds(2));
  EXPECT_THAT(Take(), ElementsAre(Heartbeat(0)));
}

TEST_F(ClientStreamTest, AHeartbeatDoesNotJoinAQueueAndIsTriedAgainSoon) {
  Begin("heartbeat_s=1");
  Fill();
  host_.Publish(1);
  stream_.Fill(now_);  // and the socket takes nothing of it
  sink_.wake = absl::InfiniteDuration();
  now_ += absl::Seconds(1);
  stream_.OnTimer(now_);
  EXPECT_THAT(Take(), ElementsAre("E 0 >1;"));
  EXPECT_GT(sink_.wake, now_);
  EXPECT_LT(sink_.wake, now_ + absl::Seconds(1));
}

TEST_F(ClientStreamTest, AHeartbeatSaysHowFarWasScanned) {
  Begin("type=none&heartbeat_s=1");
  host_.Publish(7);
  EXPECT_THAT(Fill(), ElementsAre(Live(6)));
  stream_.OnTimer(now_ + absl::Seconds(1));
  EXPECT_THAT(Take(), ElementsAre(AllOf(Heartbeat(6), HasSubstr(R"("head":7)"))));
}

TEST_F(ClientStreamTest, UntilAnOffsetItsEventIsTheLast) {
  host_.Publish(5);
  Begin("until=00000000000000aa:2");
  EXPECT_THAT(Fill(), ElementsAre("E 0 1 2 >3;", Heartbeat(2)));
  EXPECT_EQ(sink_.end, "1000 ");
  EXPECT_EQ(stream_.next_fill(now_), absl::InfiniteDuration());
  EXPECT_THAT(Fill(), IsEmpty());
  stream_.OnTimer(now_ + absl::Hours(1));
  EXPECT_THAT(Take(), IsEmpty()) << "no heartbeat behind the end";
}

TEST_F(ClientStreamTest, UntilCaughtUpIsWhatTheLogHasAtTheBegin) {
  host_.Publish(3);
  Begin("until=caught_up");
  host_.Publish(3);
  EXPECT_THAT(Fill(), ElementsAre("E 0 1 2 >3;", Heartbeat(2)));
  EXPECT_EQ(sink_.end, "1000 ");
}

TEST_F(ClientStreamTest, UntilATimeEndsInFrontOfTheFirstEventFromThenOn) {
  host_.Publish(5);  // one a second, from 1970 on
  Begin("until=time:1970-01-01T00:00:03Z");
  EXPECT_THAT(Fill(), ElementsAre("E 0 1 2 >3;", Heartbeat(2)));
  EXPECT_EQ(sink_.end, "1000 ");
}

TEST_F(ClientStreamTest, UntilATimeThatPassedWithoutAnEventEndsWhenTheLogHasNoMore) {
  host_.Publish(2);
  Begin("until=time:1970-01-01T00:00:09Z");
  host_.hub.Disconnected();
  host_.Look();
  EXPECT_THAT(Fill(), ElementsAre("E 0 1 >2;", Live(1)));
  EXPECT_EQ(sink_.end, "") << "without the log nobody knows what it has";
  host_.hub.Connected(kEpoch, 0, 2, 2);
  host_.Look();
  stream_.OnTimer(now_);
  EXPECT_EQ(stream_.next_fill(now_), now_);
  EXPECT_THAT(Fill(), ElementsAre(Heartbeat(1)));
  EXPECT_EQ(sink_.end, "1000 ");
}

TEST_F(ClientStreamTest, OnGapSkipSaysItAndGoesOn) {
  host_.PublishGap(4);
  host_.Publish(1);
  Begin("");
  EXPECT_THAT(Fill(), ElementsAre("G 0 >4;", "E 4 >5;", Live(4)));
  EXPECT_EQ(sink_.end, "");
}

TEST_F(ClientStreamTest, OnGapFailSaysItAndEnds) {
  host_.Publish(1);
  host_.PublishGap(4);
  host_.Publish(1);
  Begin("on_gap=fail");
  EXPECT_THAT(Fill(), ElementsAre("E 0 >1;", "G 1 >5;"));
  EXPECT_EQ(sink_.end, "4003 GAP");
  EXPECT_THAT(Fill(), IsEmpty());
}

TEST_F(ClientStreamTest, AnAckOfOptionsIsTheExactPlaceWhereTheyBegin) {
  host_.Publish(5);
  Begin("type=t.0&batch_max=1");
  host_.client_options.write_bytes_max = 150;  // an event is about a hundred
  stream_.Fill(now_);                          // given, not taken: the ack comes behind it
  EXPECT_THAT(Say(R"({"type":"options","filter":{"types":["t.1","t.2"]},"delivery":{"batch_max":100}})"),
              ElementsAre("E 0 >1;", "E 3 >4;", Ack(3)));
  host_.Publish(3);
  EXPECT_THAT(Fill(), ElementsAre("E 4 5 7 >8;")) << "nothing of the old filter, all of the new one";
}

TEST_F(ClientStreamTest, OptionsReplaceTheDeliveryAndTheHeartbeat) {
  host_.Publish(2);
  Begin("linger_ms=10000&batch_max=1");
  EXPECT_THAT(Fill(), ElementsAre("E 0 >1;"));
  EXPECT_THAT(Say(R"({"type":"options","delivery":{},"heartbeat_s":1})"), ElementsAre(Ack(0)));
  now_ = UptimeNow();
  EXPECT_EQ(stream_.next_fill(now_), now_) << "the linger is gone";
  EXPECT_THAT(Fill(), ElementsAre("E 1 >2;", Live(1)));
  EXPECT_LE(sink_.wake, UptimeNow() + absl::Seconds(1));
  stream_.OnTimer(now_ + absl::Seconds(1));
  EXPECT_THAT(Take(), ElementsAre(Heartbeat(1)));
}

TEST_F(ClientStreamTest, ARefusedMessageChangesNothing) {
  host_.Publish(3);
  Begin("type=t.1");
  EXPECT_THAT(Say(R"({"type":"options","id":"o","filter":{"types":["*"]},"heartbeat_s":0})"),
              ElementsAre(AllOf(HasSubstr("MESSAGE_INVALID"), HasSubstr(R"("id":"o")"))));
  EXPECT_THAT(Fill(), ElementsAre("E 1 >3;", Live(2)));
}

TEST_F(ClientStreamTest, AnotherLogEndsIt) {
  Begin("");
  Fill();
  host_.hub.Connected("00000000000000bb", 0, 3, 0);
  host_.Look();
  EXPECT_THAT(Fill(), IsEmpty());
  EXPECT_EQ(sink_.end, "4001 LOG_REPLACED");
}

TEST_F(ClientStreamTest, AnotherLogEndsAlsoWhoIsPausedAndOnlyOnce) {
  host_.Publish(3);
  Begin("");
  EXPECT_THAT(Say(R"({"type":"pause"})"), ElementsAre(Ack(-1)));
  host_.hub.Connected("00000000000000bb", 0, 0, 0);
  host_.Publish(2);
  stream_.OnRingChanged();
  EXPECT_EQ(sink_.end, "4001 LOG_REPLACED");
  sink_.end.clear();
  stream_.OnRingChanged();
  EXPECT_EQ(sink_.end, "");
}

TEST_F(ClientStreamTest, ResumeSaysLiveAgainWhereSomethingWasMissed) {
  Begin("type=none");
  EXPECT_THAT(Fill(), ElementsAre(Live(-1)));
  Say(R"({"type":"pause"})");
  Say(R"({"type":"resume"})");
  EXPECT_THAT(Fill(), IsEmpty()) << "nothing was missed";
  Say(R"({"type":"pause"})");
  host_.Publish(2);
  Say(R"({"type":"resume"})");
  EXPECT_THAT(Fill(), ElementsAre(Live(1)));
}

TEST_F(ClientStreamTest, BehindIsWhatTheSocketHasNotTaken) {
  Begin("");
  Fill();
  EXPECT_EQ(stream_.behind_events(), 0);
  EXPECT_FALSE(stream_.behind_since().has_value());
  host_.Publish(4);
  EXPECT_EQ(stream_.behind_events(), 4);
  EXPECT_EQ(stream_.behind_since(), now_);
  stream_.Fill(now_);
  EXPECT_EQ(stream_.behind_events(), 4) << "given is not taken";
  Take();
  EXPECT_EQ(stream_.behind_events(), 0);
}

}  // namespace
}  // namespace gateway
