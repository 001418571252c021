#include "tests/support/log_history.h"

#include "absl/status/status.h"
#include "gtest/gtest.h"
#include "tests/support/status_matchers.h"

namespace eventlog {
namespace {

TEST(LogHistoryTest, ReadsWhatAnotherProgramWrote) {
  const absl::StatusOr<LogHistory> history = ParseHistory(
      "append ok 1 10 20 - 5 7 0 a b\n"
      "append mismatch 2 11 21 5 0 7 0 c\n"
      "append unknown 3 12 0 7 0 0 0 d\n"
      "read ok 4 13 23 - 5 7 1 a b\n"
      "stats ok 4 24 25 - 0 7 0\n");
  ASSERT_THAT(history, IsOk());
  ASSERT_EQ(5u, history->size());
  EXPECT_EQ("client 1 [10, 20]: Append(a, b), at offset 5", Describe((*history)[0]));
  EXPECT_EQ("client 2 [11, 21]: Append(c) if the head is 5, refused, the head was 7", Describe((*history)[1]));
  EXPECT_EQ("client 3 [12, ?]: Append(d) if the head is 7, of unknown outcome", Describe((*history)[2]));
  EXPECT_EQ("client 4 [13, 23]: Read from 5 to 7, the end of the log: (a, b)", Describe((*history)[3]));
  EXPECT_EQ("client 4 [24, 25]: GetLogStats, head 7", Describe((*history)[4]));
}

TEST(LogHistoryTest, RefusesALineThatIsNoOperation) {
  for (const char* line : {"append ok 1 10 20 - 5 7", "trim ok 1 10 20 - 5 7 0", "append maybe 1 10 20 - 5 7 0 a",
                           "append ok 1 10 20 x 5 7 0 a", "append ok 1 10 - - 5 7 0 a", "read ok 1 10 20 - 5 7 2 a"}) {
    EXPECT_THAT(ParseHistory(line), StatusIs(absl::StatusCode::kInvalidArgument, testing::HasSubstr(line)));
  }
}

}  // namespace
}  // namespace eventlog
