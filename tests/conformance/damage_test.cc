// A log whose stored bytes are damaged or gone, as its clients see it. Only the embedded engine has such.

#include <filesystem>
#include <fstream>
#include <iterator>
#include <map>
#include <memory>
#include <string>
#include <vector>

#include "absl/strings/str_cat.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "tests/conformance/admin_client.h"
#include "tests/conformance/live_service.h"
#include "tests/support/status_matchers.h"

namespace eventlog {
namespace {

using testing::AllOf;
using testing::ElementsAre;

std::string ContentOf(const std::string& path) {
  std::ifstream file(path, std::ios::binary);
  return {std::istreambuf_iterator<char>(file), {}};
}

class DamageTest : public testing::Test {
 protected:
  DamageTest() {
    const auto* const test = testing::UnitTest::GetInstance()->current_test_info();
    options_.data_dir = absl::StrCat(testing::TempDir(), "/", test->name());
    options_.segment_bytes_max = 4096;
  }
  void Start() { service_ = std::make_unique<LiveService>("embedded", options_); }
  void Stop() { service_.reset(); }
  std::string PathOf(const std::string& file) const { return absl::StrCat(options_.data_dir, "/logs/events/", file); }

  // Until the third one.
  void FillSegments() {
    while (Segments().size() < 3) ASSERT_THAT(service_->Append({std::string(300, 'x'), "y"}), IsOk());
  }
  // By their base offsets.
  std::map<int64_t, std::filesystem::path> Segments() const {
    std::map<int64_t, std::filesystem::path> segments;
    for (const auto& entry : std::filesystem::directory_iterator(PathOf(""))) {
      if (entry.path().extension() == ".log") segments[std::stoll(entry.path().stem())] = entry.path();
    }
    return segments;
  }
  // Gives the base offset of the next one.
  int64_t RemoveFirstSegment() {
    const auto segments = Segments();
    EXPECT_TRUE(std::filesystem::remove(segments.begin()->second));
    return std::next(segments.begin())->first;
  }

  // What a reader from `offset` on gets: it wants to be told of gaps, or to fail.
  absl::StatusOr<v1::ReadResponse> ReadFrom(int64_t offset, v1::GapPolicy policy) {
    v1::ReadRequest request;
    request.set_offset(offset);
    request.set_gap_policy(policy);
    return service_->Read(request);
  }
  absl::Status SubscribeFrom(int64_t offset, v1::GapPolicy policy) {
    v1::SubscribeRequest request;
    request.set_offset(offset);
    request.set_gap_policy(policy);
    request.mutable_until_caught_up();
    return service_->Subscribe(request)->Finish();
  }
  // Readers of the log hear that [start, next) is damaged.
  void ExpectCorrupt(int64_t start, int64_t next) {
    const absl::StatusOr<v1::ReadResponse> page = ReadFrom(start, v1::GAP_POLICY_REPORT);
    ASSERT_THAT(page, IsOk());
    ASSERT_EQ(page->gaps_size(), 1);
    EXPECT_EQ(page->gaps(0).start_offset(), start);
    EXPECT_EQ(page->gaps(0).next_offset(), next);
    EXPECT_EQ(page->gaps(0).reason(), v1::GAP_REASON_CORRUPT);
    const auto corrupt = AllOf(StatusIs(absl::StatusCode::kDataLoss), HasReason("DATA_CORRUPT"));
    EXPECT_THAT(ReadFrom(start, v1::GAP_POLICY_FAIL).status(), corrupt);
    EXPECT_THAT(SubscribeFrom(start, v1::GAP_POLICY_REPORT), IsOk());
    EXPECT_THAT(SubscribeFrom(start, v1::GAP_POLICY_FAIL), corrupt);
  }

  ServerOptions options_;
  std::unique_ptr<LiveService> service_;
};

TEST_F(DamageTest, ADamagedBatchIsAGapOfItsOwnOffsetsOrAnErrorForWhoAsksForOne) {
  Start();
  for (const char* const text : {"first", "damaged", "last"}) ASSERT_THAT(service_->Append({text, text}), IsOk());
  Stop();
  const std::string path = PathOf("00000000000000000000.log");
  std::string content = ContentOf(path);
  const size_t at = content.find("damaged");
  ASSERT_NE(at, std::string::npos);
  content[at] ^= 1;
  std::ofstream(path, std::ios::binary) << content;
  Start();
  ExpectCorrupt(2, 4);
  EXPECT_THAT(TextsOf(ReadFrom(4, v1::GAP_POLICY_FAIL)->records()), ElementsAre("last", "last"));
}

// Only the log's own mark makes a range a trimmed one.
TEST_F(DamageTest, ASegmentThatSomebodyRemovedIsCorruptAndNotTrimmed) {
  Start();
  FillSegments();
  ASSERT_THAT(AdminClient(service_->channel()).Trim("", 1), IsOk());
  const int64_t head = service_->Stats().head_offset();
  Stop();
  const int64_t kept = RemoveFirstSegment();
  Start();
  ExpectCorrupt(1, kept);
  EXPECT_EQ(service_->Stats().start_offset(), 1);
  EXPECT_EQ(service_->Stats().head_offset(), head);
  EXPECT_EQ(ReadFrom(0, v1::GAP_POLICY_REPORT)->gaps(0).reason(), v1::GAP_REASON_TRIMMED);
  EXPECT_EQ(ReadFrom(0, v1::GAP_POLICY_REPORT)->gaps(0).next_offset(), 1);
  v1::ReadRequest backward;
  backward.set_backward(true);
  backward.set_offset(kept);
  const absl::StatusOr<v1::ReadResponse> page = service_->Read(backward);
  ASSERT_THAT(page, IsOk());
  ASSERT_EQ(page->gaps_size(), 1);
  EXPECT_EQ(page->gaps(0).start_offset(), 1);
  EXPECT_EQ(page->gaps(0).reason(), v1::GAP_REASON_CORRUPT);
  EXPECT_TRUE(page->end_of_log());
  EXPECT_EQ(ReadFrom(kept, v1::GAP_POLICY_FAIL)->records(0).offset(), kept);
  ASSERT_THAT(AdminClient(service_->channel()).Trim("", kept), IsOk());
  EXPECT_EQ(ReadFrom(1, v1::GAP_POLICY_REPORT)->gaps(0).reason(), v1::GAP_REASON_TRIMMED);
}

TEST_F(DamageTest, WhatWasTrimmedIsTrimmedAlsoWhenItsSegmentsAreGone) {
  Start();
  FillSegments();
  const int64_t head = service_->Stats().head_offset();
  ASSERT_THAT(AdminClient(service_->channel()).Trim("", head - 1), IsOk());
  Stop();
  Start();
  const absl::StatusOr<v1::ReadResponse> page = ReadFrom(0, v1::GAP_POLICY_REPORT);
  ASSERT_THAT(page, IsOk());
  EXPECT_EQ(page->gaps(0).reason(), v1::GAP_REASON_TRIMMED);
  EXPECT_EQ(page->gaps(0).next_offset(), head - 1);
}

}  // namespace
}  // namespace eventlog
