#include "eventlog-svc/storage/record_spans.h"

#include <string>

#include "eventlog-svc/engine/event_list.h"
#include "eventlog-svc/storage/record_codec.h"
#include "gtest/gtest.h"

namespace eventlog {
namespace {

// Two appends: offsets 3 and 4, and 5 alone.
RecordPage Page() {
  RecordPage page;
  AppendRecords({{"a", false}, {"bb", false}}, 3, absl::FromUnixSeconds(1), page.wire);
  page.runs.push_back({3, 2, absl::FromUnixSeconds(1), 0, page.wire.size()});
  const size_t first = page.wire.size();
  AppendRecords({{"c", false}}, 5, absl::FromUnixSeconds(2), page.wire);
  page.runs.push_back({5, 1, absl::FromUnixSeconds(2), first, page.wire.size() - first});
  page.next_offset = 6;
  return page;
}

TEST(RecordSpansTest, EveryRecordHasItsOwnWithTheTimeOfItsAppend) {
  const RecordPage page = Page();
  const std::vector<RecordSpan> spans = SpansOf(page);
  ASSERT_EQ(spans.size(), 3u);
  size_t position = 0;
  for (size_t i = 0; i < spans.size(); ++i) {
    EXPECT_EQ(spans[i].offset, 3 + static_cast<int64_t>(i));
    EXPECT_EQ(spans[i].append_time, absl::FromUnixSeconds(i < 2 ? 1 : 2));
    EXPECT_EQ(spans[i].position, position);
    position += spans[i].size;
  }
  EXPECT_EQ(position, page.wire.size());
  EXPECT_TRUE(SpansOf({}).empty());
}

TEST(RecordSpansTest, OfARunThatDoesNotHoldWhatItShouldOnlyWhatIsBeforeThat) {
  RecordPage other_offset = Page();
  other_offset.runs[0].base_offset = 2;
  ASSERT_EQ(SpansOf(other_offset).size(), 1u);
  EXPECT_EQ(SpansOf(other_offset)[0].offset, 5);
  RecordPage too_short = Page();
  --too_short.runs[0].size;
  EXPECT_EQ(SpansOf(too_short).size(), 2u);
}

}  // namespace
}  // namespace eventlog
