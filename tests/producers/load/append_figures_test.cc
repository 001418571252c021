#include "producers/load/append_figures.h"

#include "gmock/gmock.h"
#include "gtest/gtest.h"

namespace eventlog {
namespace {

using testing::ElementsAre;
using testing::Pair;

TEST(AppendFiguresTest, FiguresOfSeveralProducersAddUp) {
  AppendFigures one, other;
  one.latency.Record(absl::Milliseconds(1));
  other.latency.Record(absl::Milliseconds(9));
  one.measured_bytes = one.acknowledged = one.due = one.late_for_log = 1;
  other.measured_bytes = other.acknowledged = other.due = other.late_for_log = 2;
  one.unacknowledged = one.not_sent = one.late_for_generator = 3;
  other.unacknowledged = other.not_sent = other.late_for_generator = 4;
  one.errors = {{"A", 1}, {"B", 2}};
  other.errors = {{"B", 3}};
  one.last_measured = absl::FromUnixSeconds(9);
  other.last_measured = absl::FromUnixSeconds(8);
  other.generator_late_max = absl::Seconds(5);
  one.Add(other);
  EXPECT_EQ(one.latency.count(), 2);
  EXPECT_EQ(one.latency.max(), absl::Milliseconds(9));
  for (const int64_t sum : {one.measured_bytes, one.acknowledged, one.due, one.late_for_log}) EXPECT_EQ(sum, 3);
  for (const int64_t sum : {one.unacknowledged, one.not_sent, one.late_for_generator}) EXPECT_EQ(sum, 7);
  EXPECT_THAT(one.errors, ElementsAre(Pair("A", 1), Pair("B", 5)));
  EXPECT_EQ(one.last_measured, absl::FromUnixSeconds(9));
  EXPECT_EQ(one.generator_late_max, absl::Seconds(5));
}

}  // namespace
}  // namespace eventlog
