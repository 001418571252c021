#include "eventlog-svc/storage/stored_folder.h"

#include <string>
#include <vector>

#include "gtest/gtest.h"
#include "tests/eventlog-svc/storage/log_builder.h"

namespace eventlog {
namespace {

TEST(StoredFolderTest, SegmentsAreFoundOldestFirstAndNothingIsChanged) {
  FakeFileSystem files;
  int64_t end = 0;
  {
    const auto opened = OpenLog(files);
    ASSERT_THAT(Commit(*opened->log, 3), IsOk());
    ASSERT_THAT(opened->log->Roll("state"), IsOk());
    const int64_t closed = *files.FileSize(absl::StrCat(kLogDirectory, "/00000000000000000000.log"));
    ASSERT_THAT(Commit(*opened->log, 2), IsOk());
    end = opened->log->size().byte_count - closed;
  }
  const int64_t operations = files.operations();
  const auto segments = FindStoredSegments(files, kLogDirectory);
  ASSERT_THAT(segments, IsOk());
  ASSERT_EQ(2u, segments->size());
  EXPECT_EQ("00000000000000000000.log", (*segments)[0].name);
  EXPECT_FALSE((*segments)[0].is_active);
  const auto closed = (*segments)[0].open();
  ASSERT_THAT(closed, IsOk());
  EXPECT_NE(nullptr, closed->index);
  EXPECT_FALSE(closed->next_offset.has_value());
  EXPECT_EQ(3, (*segments)[1].base_offset);
  EXPECT_TRUE((*segments)[1].is_active);
  const auto active = (*segments)[1].open();
  ASSERT_THAT(active, IsOk());
  EXPECT_EQ(end, active->end_position);
  EXPECT_EQ(5, active->next_offset);
  EXPECT_EQ(operations, files.operations());
}

TEST(StoredFolderTest, AFolderThatIsNotThereIsAnError) {
  FakeFileSystem files;
  EXPECT_THAT(FindStoredSegments(files, "/nowhere"), StatusIs(absl::StatusCode::kUnavailable));
}

}  // namespace
}  // namespace eventlog
