#include "eventlog-svc/rpc/verify_stream.h"

#include "gtest/gtest.h"
#include "tests/eventlog-svc/rpc/scan_service.h"

namespace eventlog {
namespace {

constexpr char kFirst[] = "/data/logs/events/00000000000000000000.log";

TEST(VerifyStreamTest, ASoundLogHasASegmentEachAndASummary) {
  ScanService service;
  service.Fill(100);
  std::vector<v1::VerifyLogResponse> messages;
  ASSERT_THAT(service.Verify(messages), IsOk());
  ASSERT_GT(messages.size(), 3u);
  for (size_t i = 0; i + 1 < messages.size(); ++i) {
    EXPECT_EQ(0, messages[i].segment().gaps_size() + messages[i].segment().problems_size());
  }
  const auto& summary = messages.back().summary();
  EXPECT_EQ(100, summary.record_count());
  EXPECT_EQ(static_cast<int64_t>(messages.size()) - 1, summary.segment_count());
  EXPECT_EQ(0, summary.damaged_segment_count());
}

TEST(VerifyStreamTest, AFlippedByteIsReportedWithItsOffset) {
  ScanService service;
  service.Fill(50);
  std::string content = service.files.Content(kFirst);
  content[content.rfind("EVBT") + 100] ^= 1;
  service.files.SetContent(kFirst, content);
  std::vector<v1::VerifyLogResponse> messages;
  ASSERT_THAT(service.Verify(messages), IsOk());
  ASSERT_EQ(1, messages[0].segment().gaps_size());
  const v1::Gap& gap = messages[0].segment().gaps(0);
  EXPECT_EQ(messages[1].segment().base_offset() - 1, gap.start_offset());
  EXPECT_EQ(messages[1].segment().base_offset(), gap.next_offset());
  EXPECT_EQ(v1::GAP_REASON_CORRUPT, gap.reason());
  EXPECT_EQ(1, messages.back().summary().lost_record_count());
  EXPECT_EQ(1, messages.back().summary().damaged_segment_count());
}

TEST(VerifyStreamTest, ATrimMeanwhileIsNoDamage) {
  ScanService service;
  service.Fill(100);
  service.AtRead(3, [&service] { EXPECT_THAT(service.Change(TrimLog{90}), IsOk()); });
  std::vector<v1::VerifyLogResponse> messages;
  ASSERT_THAT(service.Verify(messages), IsOk());
  EXPECT_FALSE(service.files.FileSize(kFirst).ok());
  const auto& summary = messages.back().summary();
  EXPECT_EQ(0, summary.damaged_segment_count());
  EXPECT_EQ(0, summary.lost_record_count());
  EXPECT_LT(summary.record_count(), 100) << "what is trimmed is not looked at";
}

}  // namespace
}  // namespace eventlog
