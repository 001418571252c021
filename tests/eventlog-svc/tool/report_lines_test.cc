#include "eventlog-svc/tool/report_lines.h"

#include "gtest/gtest.h"

namespace eventlog {
namespace {

SegmentReport Damaged() {
  SegmentReport report;
  report.file = "0.log";
  report.next_offset = 9;
  report.record_count = 5;
  report.byte_count = 700;
  report.torn_bytes = 3;
  report.gaps.push_back(Gap{2, 4, GapReason::kCorrupt});
  report.problems.push_back("the \"header\" is damaged");
  return report;
}

VerifySummary Sum() {
  VerifySummary summary;
  summary.segment_count = 1;
  summary.record_count = 5;
  summary.byte_count = 700;
  summary.damaged_segment_count = 1;
  summary.lost_record_count = 2;
  return summary;
}

TEST(ReportLinesTest, PeopleReadOneLineForASegmentAndWhatIsWrongBelow) {
  const ReportLines lines(/*json=*/false);
  EXPECT_EQ(lines.Segment("events", Damaged()),
            "0.log base_offset=0 next_offset=9 records=5 bytes=700 DAMAGED\n"
            "  lost: offsets 2 to 3\n"
            "  the \"header\" is damaged\n"
            "  a torn tail of 3 bytes, which the next start cuts off\n");
  SegmentReport sound = Damaged();
  sound.gaps.clear();
  sound.problems.clear();
  sound.torn_bytes = 0;
  EXPECT_EQ(lines.Segment("events", sound), "0.log base_offset=0 next_offset=9 records=5 bytes=700 sound\n");
  EXPECT_EQ(lines.Summary("events", Sum()),
            "log=events segments=1 records=5 bytes=700 damaged_segments=1 lost_records=2\n");
  EXPECT_EQ(lines.Copy("events", LogCopy{"00ff", 9, Sum()}, "/b/logs/events"),
            "log=events epoch=00ff next_offset=9 folder=/b/logs/events\n"
            "log=events segments=1 records=5 bytes=700 damaged_segments=1 lost_records=2\n");
}

TEST(ReportLinesTest, ProgramsReadOneObjectALine) {
  const ReportLines lines(/*json=*/true);
  EXPECT_EQ(
      lines.Segment("events", Damaged()),
      "{\"log\":\"events\",\"segment\":{\"file\":\"0.log\",\"base_offset\":0,\"next_offset\":9,\"record_count\":5,"
      "\"byte_count\":700,\"torn_bytes\":3,\"gaps\":[{\"start_offset\":2,\"next_offset\":4,\"reason\":\"CORRUPT\"}"
      "],\"problems\":[\"the \\\"header\\\" is damaged\"]}}\n");
  EXPECT_EQ(lines.Copy("events", LogCopy{"00ff", 9, Sum()}, "/b/\"x"),
            "{\"log\":\"events\",\"copy\":{\"epoch\":\"00ff\",\"next_offset\":9,\"folder\":\"/b/\\\"x\"}}\n"
            "{\"log\":\"events\",\"summary\":{\"segment_count\":1,\"record_count\":5,\"byte_count\":700,"
            "\"damaged_segment_count\":1,\"lost_record_count\":2}}\n");
}

}  // namespace
}  // namespace eventlog
