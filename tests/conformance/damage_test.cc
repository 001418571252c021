// A log whose stored bytes are damaged or gone, as its clients see it. Only the embedded engine has such.

#include <cstdio>
#include <fstream>
#include <iterator>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "absl/strings/str_cat.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
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

}  // namespace
}  // namespace eventlog
