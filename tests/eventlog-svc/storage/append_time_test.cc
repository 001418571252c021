#include "eventlog-svc/storage/append_time.h"

#include "gmock/gmock.h"
#include "gtest/gtest.h"

namespace eventlog {
namespace {

using testing::Eq;
using testing::Optional;

absl::Time TimeOf(int64_t offset) { return absl::FromUnixSeconds(1'000'000 + offset); }

// A log of 20 records whose first so many are damaged, each with a gap of its own.
class DamagedLog {
 public:
  explicit DamagedLog(int64_t damaged) : damaged_(damaged) {}

  std::optional<absl::Time> TimeFrom(int64_t offset) const {
    return AppendTimeFrom([this](const ReadOptions& options) { return Read(options); }, offset);
  }

 private:
  absl::StatusOr<RecordPage> Read(const ReadOptions& options) const {
    if (options.from > 20) return absl::OutOfRangeError("behind the head");
    RecordPage page;
    page.next_offset = options.from == 20 ? 20 : options.from + 1;
    if (options.from < damaged_) {
      page.gap = Gap{options.from, options.from + 1, GapReason::kCorrupt};
    } else if (options.from < 20) {
      page.runs.push_back({options.from, 1, TimeOf(options.from)});
    }
    return page;
  }

  const int64_t damaged_;
};

TEST(AppendTimeTest, ItIsThatOfTheFirstRecordThatCanBeRead) {
  EXPECT_THAT(DamagedLog(0).TimeFrom(3), Optional(TimeOf(3)));
  EXPECT_THAT(DamagedLog(5).TimeFrom(3), Optional(TimeOf(5)));
  EXPECT_THAT(DamagedLog(7).TimeFrom(0), Optional(TimeOf(7)));
}

TEST(AppendTimeTest, ThereIsNoneBehindManyGapsAtTheHeadAndWhereNothingCanBeRead) {
  EXPECT_THAT(DamagedLog(8).TimeFrom(0), Eq(std::nullopt));
  EXPECT_THAT(DamagedLog(0).TimeFrom(20), Eq(std::nullopt));
  EXPECT_THAT(DamagedLog(0).TimeFrom(21), Eq(std::nullopt));
}

}  // namespace
}  // namespace eventlog
