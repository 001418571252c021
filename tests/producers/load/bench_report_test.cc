#include "producers/load/bench_report.h"

#include <string>

#include "eventlog-svc/client/json_text.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"

namespace eventlog {
namespace {

using testing::AllOf;
using testing::HasSubstr;
using testing::Not;

BenchReport Sound() {
  BenchReport report;
  report.server = "127.0.0.1:7431";
  report.log = "bench-1";
  report.run = "r";
  report.measured_for = absl::Seconds(2);
  report.sent = report.appends.acknowledged = 1000;
  for (int i = 1; i <= 1000; ++i) report.appends.latency.Record(absl::Milliseconds(i));
  report.appends.measured_bytes = 256'000;
  report.connections = 1;
  report.verification.expected = report.verification.unchanged = 1000;
  return report;
}

TEST(BenchReportTest, JsonHasTheFigures) {
  BenchReport report = Sound();
  report.own_cpu = absl::Milliseconds(1500);
  report.appends.errors["QUEUE_FULL"] = 3;
  const std::string json = ToJson(report);
  EXPECT_TRUE(IsJson(json)) << json;
  EXPECT_THAT(json,
              AllOf(HasSubstr("\"events_per_second\":500.000"), HasSubstr("\"payload_bytes_per_second\":128000"),
                    HasSubstr("\"append_latency_us\":{\"count\":1000,\"p50\":50"), HasSubstr("\"max\":1000000.000"),
                    HasSubstr("\"over_1000_ms\":0"), HasSubstr("\"errors\":{\"QUEUE_FULL\":3}"),
                    HasSubstr("\"cpu\":{\"bench_s\":1.500,\"service_s\":null}"), HasSubstr("\"sound\":true"),
                    HasSubstr("\"schedule\":null"), HasSubstr("\"subscribers\":null")));
}

TEST(BenchReportTest, TextSaysThatAllIsWell) {
  const std::string text = ToText(Sound());
  EXPECT_THAT(text, AllOf(HasSubstr("closed loop, 64 outstanding"), HasSubstr("500 events/s"), HasSubstr("max 1 s"),
                          HasSubstr("every event came back unchanged: 1000 of 1000"), HasSubstr("warm-up"),
                          HasSubstr("of the service not known"), Not(HasSubstr("away")), Not(HasSubstr("schedule"))));
}

TEST(BenchReportTest, OpenLoadSaysWhetherItsScheduleWasKept) {
  BenchReport report = Sound();
  report.options.rate_per_s = 500;
  report.appends.due = 1000;
  EXPECT_THAT(ToText(report), AllOf(HasSubstr("open loop, 500 events/s"), HasSubstr("schedule      kept")));
  report.appends.late_for_generator = 20;
  report.appends.generator_late_max = absl::Milliseconds(70);
  report.appends.late_for_log = 30;
  report.appends.not_sent = 40;
  EXPECT_THAT(ToText(report), AllOf(HasSubstr("NOT kept: this process itself sent 20 of 1000 events late, up to 70 ms"),
                                    HasSubstr("30 of 1000 events waited because the log took none"),
                                    HasSubstr("40 of 1000 events were due and not sent")));
  EXPECT_THAT(ToJson(report), HasSubstr("\"schedule\":{\"due\":1000,\"not_sent\":40,\"late_for_log\":30,"
                                        "\"late_for_generator\":20,\"generator_late_max_us\":70000.000}"));
}

TEST(BenchReportTest, PayloadIsSaid) {
  BenchReport report = Sound();
  report.options.payload_bytes = "10-20";
  report.options.binary = true;
  EXPECT_THAT(ToText(report), HasSubstr(", payload binary, 10-20 bytes\n"));
  report.options.payload_bytes = "session";
  report.options.binary = false;
  EXPECT_THAT(ToText(report), HasSubstr(", payload JSON, as large as a session's events\n"));
}

TEST(BenchReportTest, WhatWentWrongIsSaid) {
  BenchReport report = Sound();
  report.interrupted = report.gave_up = report.log_kept = true;
  report.connections = 3;
  report.longest_pause = absl::Milliseconds(2100);
  report.appends.unacknowledged = 5;
  report.appends.errors["UNAVAILABLE"] = 5;
  report.verification.unacknowledged_found = 2;
  report.verification.unacknowledged_absent = 3;
  report.verification.unchanged = 999;
  report.verification.Add(Fault::kMissing, "offset 7: \"x\"");
  EXPECT_FALSE(report.sound());
  EXPECT_THAT(ToText(report), AllOf(HasSubstr("ended before its time"), HasSubstr("--drain_s"),
                                    HasSubstr("3 connections of 1 producers; longest time without an answer 2.1 s"),
                                    HasSubstr("5 events: UNAVAILABLE"), HasSubstr("not acknowledged: 2 stored, 3 not"),
                                    HasSubstr("NOT every event came back unchanged: 999 of 1000; 1 missing"),
                                    HasSubstr("missing: offset 7"), Not(HasSubstr("and deleted"))));
  EXPECT_TRUE(IsJson(ToJson(report)));
  EXPECT_THAT(ToJson(report), HasSubstr(R"("findings":[{"fault":"missing","text":"offset 7: \"x\""}])"));
}

TEST(BenchReportTest, SubscriberThatIsBehindIsAFault) {
  BenchReport report = Sound();
  report.options.subscribers = 2;
  report.delivered = 1500;
  report.subscribers_behind = 1;
  EXPECT_FALSE(report.sound());
  EXPECT_THAT(ToText(report), HasSubstr("1500 delivered to 2 subscribers, 1 of which had not all"));
  EXPECT_THAT(ToJson(report), HasSubstr("\"subscribers\":{\"count\":2,\"delivered\":1500,\"behind\":1"));
}

TEST(BenchReportTest, SubscriberThatMissedSomethingIsAFault) {
  BenchReport report = Sound();
  report.options.subscribers = 2;
  report.delivered = 2000;
  EXPECT_TRUE(report.sound());
  report.delivery_gaps = 1;
  EXPECT_FALSE(report.sound()) << "it was told of a gap";
  report.delivery_gaps = 0;
  report.delivered = 1999;
  EXPECT_FALSE(report.sound()) << "it was told of nothing";
}

TEST(BenchReportTest, LoadOfWhichNothingWasTakenIsAFault) {
  BenchReport report = Sound();
  report.appends = AppendFigures();
  report.verification = Verification();
  EXPECT_FALSE(report.sound());
}

TEST(BenchReportTest, WhatEventsSayIsHarmlessAtATerminalAndDuplicatesAreTold) {
  BenchReport report = Sound();
  report.duplicates = 7;
  report.retries = 9;
  report.verification.Add(Fault::kForeign, "offset 3: type \x1b[31m\xe2\x80\xae");
  EXPECT_THAT(ToText(report),
              AllOf(HasSubstr("type \\x1b[31m\\u202e"), Not(HasSubstr("\x1b")), HasSubstr("sent again    7 events")));
  EXPECT_THAT(ToJson(report), HasSubstr("\"retries\":9,\"duplicates\":7,"));
  EXPECT_THAT(ToText(report), HasSubstr("; 9 retries\n"));
}

TEST(BenchReportTest, VerificationAloneHasNoFiguresOfALoad) {
  BenchReport report = Sound();
  report.options.verify_only = true;
  report.log_kept = true;
  report.verification.ends_unknown = report.verification.producers = 1;
  EXPECT_THAT(ToText(report), AllOf(Not(HasSubstr("rate")), HasSubstr("of 1 of 1 producers the log does not say")));
  EXPECT_THAT(ToJson(report), Not(HasSubstr("append_latency_us")));
}

}  // namespace
}  // namespace eventlog
