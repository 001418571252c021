#include "producers/lines/stop_deadline.h"

#include "gtest/gtest.h"

namespace eventlog {
namespace {

const absl::Time kStop = absl::FromUnixSeconds(1'700'000'000);

absl::Time After(int seconds) { return kStop + absl::Seconds(seconds); }

class StopDeadlineTest : public testing::Test {
 protected:
  StopDeadline deadline_{absl::Seconds(60), absl::Seconds(5)};
};

TEST_F(StopDeadlineTest, ThereIsNoneBeforeTheStop) {
  EXPECT_FALSE(deadline_.stopped());
  EXPECT_EQ(deadline_.Deadline(kStop, 7), absl::InfiniteFuture());
}

TEST_F(StopDeadlineTest, WithoutAnswersItIsNear) {
  deadline_.Stop(kStop);
  EXPECT_TRUE(deadline_.stopped());
  EXPECT_EQ(deadline_.Deadline(After(1), 0), After(5));
  EXPECT_EQ(deadline_.Deadline(After(4), 0), After(5));
}

TEST_F(StopDeadlineTest, EachAnswerMovesItButNotBeyondTheWhole) {
  deadline_.Stop(kStop);
  EXPECT_EQ(deadline_.Deadline(After(3), 1), After(8));
  EXPECT_EQ(deadline_.Deadline(After(7), 1), After(8));
  EXPECT_EQ(deadline_.Deadline(After(7), 2), After(12));
  EXPECT_EQ(deadline_.Deadline(After(58), 3), After(60));
}

TEST_F(StopDeadlineTest, ASecondStopMovesNothing) {
  deadline_.Stop(kStop);
  deadline_.Stop(After(4));
  EXPECT_EQ(deadline_.Deadline(After(4), 0), After(5));
}

}  // namespace
}  // namespace eventlog
