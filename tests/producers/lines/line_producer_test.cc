#include "producers/lines/line_producer.h"

#include <string>

#include "absl/time/clock.h"
#include "eventlog-svc/client/channel.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "tests/support/fake_event_log.h"

namespace eventlog {
namespace {

using testing::HasSubstr;

absl::Time SafetyNet() { return absl::Now() + absl::Seconds(60); }

LineProducerOptions Options() {
  LineProducerOptions options;
  options.type = "line.read";
  options.subject = "s";
  return options;
}

TEST(LineProducerTest, TheContentTypeTellsWhatALineIs) {
  FakeEventLog log;
  EventLogClient client(NewChannel(log.address()), {});
  LineProducer producer(client, Options());
  for (const char* line :
       {"{\"a\": 1}", "hello", "", "\xff\xfe", "\xed\xa0\x80", "\xf4\x90\x80\x80", "\xc3", "\xc3\xa9"}) {
    producer.Append(line);
  }
  ASSERT_TRUE(client.Close(SafetyNet()));
  std::vector<v1::Event> events;
  for (const v1::AppendRequest& request : log.requests()) {
    events.insert(events.end(), request.events().begin(), request.events().end());
  }
  ASSERT_EQ(events.size(), 8u);
  const char* const right[] = {"application/json",
                               "text/plain",
                               "text/plain",
                               "application/octet-stream",
                               "application/octet-stream",
                               "application/octet-stream",
                               "application/octet-stream",
                               "text/plain"};
  for (size_t i = 0; i < events.size(); ++i) {
    EXPECT_EQ(events[i].data_content_type(), right[i]) << i;
    EXPECT_EQ(events[i].has_binary(), std::string(right[i]) == "application/octet-stream") << i;
  }
  EXPECT_EQ(events[3].binary(), "\xff\xfe");
  EXPECT_EQ(events[0].subject(), "s");
}

TEST(LineProducerTest, ALongLineIsRefusedByItsNumberAndTheNextGoesOn) {
  FakeEventLog log;
  EventLogClient client(NewChannel(log.address()), {});
  LineProducerOptions options = Options();
  options.line_bytes_max = 4;
  LineProducer producer(client, options);
  testing::internal::CaptureStderr();
  producer.Append("1234");
  producer.Append("12345");
  producer.Append("ok");
  EXPECT_TRUE(client.Close(SafetyNet()));
  EXPECT_THAT(testing::internal::GetCapturedStderr(), HasSubstr("line 2 is not appended"));
  EXPECT_THAT(log.texts(), testing::ElementsAre("1234", "ok"));
  EXPECT_EQ(producer.counts().read, 3);
  EXPECT_EQ(producer.counts().acknowledged, 2);
  EXPECT_EQ(producer.counts().refused, 1);
  EXPECT_EQ(producer.counts().unanswered, 0);
}

TEST(LineProducerTest, PrintsEachAcknowledgedLineInOrder) {
  FakeEventLog log;
  EventLogClient client(NewChannel(log.address()), {});
  LineProducerOptions options = Options();
  options.print_acks = true;
  LineProducer producer(client, options);
  testing::internal::CaptureStdout();
  producer.Append("a");
  producer.Append("b");
  EXPECT_TRUE(client.Close(SafetyNet()));
  EXPECT_EQ(testing::internal::GetCapturedStdout(), "{\"line\":1,\"offset\":0}\n{\"line\":2,\"offset\":1}\n");
}

TEST(LineProducerTest, ATinyQueueHoldsLinesBackInsteadOfLosingThem) {
  FakeEventLog log;
  EventLogClientOptions client_options;
  client_options.queue.events_max = 2;
  EventLogClient client(NewChannel(log.address()), client_options);
  LineProducer producer(client, Options());
  for (int i = 0; i < 200; ++i) producer.Append("x");
  EXPECT_TRUE(client.Close(SafetyNet()));
  EXPECT_EQ(producer.counts().acknowledged, 200);
  EXPECT_EQ(client.counters().dropped, 0);
}

TEST(LineProducerTest, GivesUpWaitingWhenItIsTold) {
  FakeEventLog log;
  log.Hold(true);
  EventLogClientOptions client_options;
  client_options.queue.events_max = 1;
  EventLogClient client(NewChannel(log.address()), client_options);
  LineProducerOptions options = Options();
  options.try_interval = absl::Milliseconds(1);
  int asked = 0;
  options.give_up_at = [&asked] { return ++asked < 5 ? absl::InfiniteFuture() : absl::Now(); };
  LineProducer producer(client, options);
  testing::internal::CaptureStderr();
  producer.Append("taken");
  producer.Append("not taken");
  EXPECT_THAT(testing::internal::GetCapturedStderr(), HasSubstr("line 2 is not appended: stopped"));
  EXPECT_EQ(producer.counts().refused, 1);
  EXPECT_EQ(producer.counts().unanswered, 1);
  log.Hold(false);
  EXPECT_TRUE(client.Close(SafetyNet()));
}

TEST(LineProducerTest, AClosedClientRefusesAtOnce) {
  FakeEventLog log;
  EventLogClient client(NewChannel(log.address()), {});
  client.Close(SafetyNet());
  LineProducerOptions options = Options();
  options.try_interval = absl::ZeroDuration();  // no time passes by which a refusal could be told from waiting
  LineProducer producer(client, options);
  testing::internal::CaptureStderr();
  producer.Append("x");
  testing::internal::GetCapturedStderr();
  EXPECT_EQ(producer.counts().refused, 1);
}

}  // namespace
}  // namespace eventlog
