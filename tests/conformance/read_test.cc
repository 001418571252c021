// Read and GetLogStats as their clients see them.

#include <string>
#include <vector>

#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "tests/conformance/engines.h"
#include "tests/support/status_matchers.h"

namespace eventlog {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;

class ReadTest : public EngineSuite {
 protected:
  void SetUp() override {
    ASSERT_THAT(service_.Append({"a", "b", "c"}), IsOk());
    ASSERT_THAT(service_.Append({"d"}), IsOk());
    ASSERT_THAT(service_.Append({"e", "f"}), IsOk());
  }
  v1::ReadResponse Page(const v1::ReadRequest& request) {
    const absl::StatusOr<v1::ReadResponse> page = service_.Read(request);
    EXPECT_THAT(page, IsOk());
    return page.ok() ? *page : v1::ReadResponse();
  }
};

TEST_P(ReadTest, WithoutAStartItBeginsAtTheEndItComesFrom) {
  v1::ReadRequest request;
  v1::ReadResponse page = Page(request);
  EXPECT_THAT(TextsOf(page.records()), ElementsAre("a", "b", "c", "d", "e", "f"));
  EXPECT_TRUE(page.end_of_log());
  EXPECT_EQ(page.next_offset(), 6);
  EXPECT_EQ(page.epoch(), service_.Stats().epoch());
  request.set_backward(true);
  page = Page(request);
  EXPECT_THAT(TextsOf(page.records()), ElementsAre("f", "e", "d", "c", "b", "a"));
  EXPECT_TRUE(page.end_of_log());
  EXPECT_EQ(page.next_offset(), 0);
}

TEST_P(ReadTest, PagesLeadOnInBothDirectionsWhateverTheirSize) {
  for (const bool backward : {false, true}) {
    for (int size = 1; size <= 7; ++size) {
      std::string all;
      v1::ReadRequest request;
      request.set_backward(backward);
      request.set_max_records(size);
      bool end = false;
      for (int pages = 0; !end && pages < 20; ++pages) {
        const v1::ReadResponse page = Page(request);
        EXPECT_LE(page.records_size(), size);
        for (const std::string& text : TextsOf(page.records())) all += text;
        request.set_offset(page.next_offset());
        end = page.end_of_log();
      }
      EXPECT_EQ(all, backward ? "fedcba" : "abcdef") << size;
    }
  }
}

TEST_P(ReadTest, AtLeastOneRecordComesHoweverSmallTheLimit) {
  v1::ReadRequest request;
  request.set_max_bytes(1);
  EXPECT_THAT(TextsOf(Page(request).records()), ElementsAre("a"));
  request.set_backward(true);
  EXPECT_THAT(TextsOf(Page(request).records()), ElementsAre("f"));
}

TEST_P(ReadTest, EveryStartBeginsWhereItSays) {
  v1::ReadRequest request;
  request.set_offset(3);
  EXPECT_THAT(TextsOf(Page(request).records()), ElementsAre("d", "e", "f"));
  request.set_tail(2);
  EXPECT_THAT(TextsOf(Page(request).records()), ElementsAre("e", "f"));
  request.mutable_latest();
  EXPECT_THAT(TextsOf(Page(request).records()), IsEmpty());
  EXPECT_TRUE(Page(request).end_of_log());
  request.mutable_earliest();
  EXPECT_EQ(Page(request).records_size(), 6);
  request.set_backward(true);
  EXPECT_EQ(Page(request).records_size(), 0);
  request.set_offset(3);
  EXPECT_THAT(TextsOf(Page(request).records()), ElementsAre("c", "b", "a"));
}

TEST_P(ReadTest, APageThatTheFilterEmptiesStillLeadsOn) {
  v1::ReadRequest request;
  request.mutable_filter()->add_types("no.such");
  const v1::ReadResponse page = Page(request);
  EXPECT_EQ(page.records_size(), 0);
  EXPECT_EQ(page.next_offset(), 6);
  EXPECT_TRUE(page.end_of_log());
}

TEST_P(ReadTest, StatsCountWhatIsKept) {
  const v1::LogStats stats = service_.Stats();
  EXPECT_EQ(stats.log(), "events");
  EXPECT_EQ(stats.start_offset(), 0);
  EXPECT_EQ(stats.head_offset(), 6);
  EXPECT_EQ(stats.record_count(), 6);
  EXPECT_GT(stats.byte_count(), 0);
  EXPECT_TRUE(stats.has_oldest_append_time());
  EXPECT_TRUE(stats.has_newest_append_time());
  LiveService empty(GetParam());
  EXPECT_FALSE(empty.Stats().has_oldest_append_time());
  EXPECT_EQ(empty.Stats().head_offset(), 0);
}

INSTANTIATE_ON_ENGINES(ReadTest);

}  // namespace
}  // namespace eventlog
