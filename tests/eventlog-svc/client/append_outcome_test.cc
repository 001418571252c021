#include "eventlog-svc/client/append_outcome.h"

#include <vector>

#include "absl/time/clock.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "tests/support/status_matchers.h"

namespace eventlog {
namespace {

using testing::ElementsAre;

class Observer : public EventLogClientObserver {
 public:
  void OnBatchAnswered(const AnsweredBatch& batch) override { batches.push_back(batch); }
  std::vector<AnsweredBatch> batches;
};

AppendQueue::Batch BatchOf(int events) {
  AppendQueue::Batch batch;
  for (int i = 0; i < events; ++i) batch.entries.emplace_back();
  batch.bytes = 7;
  batch.sent = absl::Now();
  return batch;
}

TEST(AppendOutcomeTest, EachEventHearsItsOffset) {
  std::vector<int64_t> heard;
  AppendQueue::Batch batch = BatchOf(3);
  for (const size_t i : {0u, 2u}) {
    batch.entries[i].done = [&](const absl::StatusOr<int64_t>& offset) { heard.push_back(offset.value_or(-1)); };
  }
  AppendOutcome(40).CallDone(batch.entries);
  EXPECT_THAT(heard, ElementsAre(40, 42));
  heard.clear();
  AppendOutcome(absl::AbortedError("no")).CallDone(batch.entries);
  EXPECT_THAT(heard, ElementsAre(-1, -1));
}

TEST(AppendOutcomeTest, AnObserverHearsOfTheBatch) {
  Observer observer;
  AppendOutcome(4, /*duplicate=*/true).Observe(BatchOf(2), &observer);
  AppendOutcome(absl::AbortedError("no")).Observe(BatchOf(1), &observer);
  AppendOutcome(4).Observe(BatchOf(1), nullptr);
  ASSERT_EQ(observer.batches.size(), 2u);
  EXPECT_EQ(observer.batches[0].events, 2);
  EXPECT_EQ(observer.batches[0].bytes, 7);
  EXPECT_TRUE(observer.batches[0].duplicate);
  EXPECT_THAT(observer.batches[0].outcome, IsOk());
  EXPECT_GE(observer.batches[0].latency, absl::ZeroDuration());
  EXPECT_THAT(observer.batches[1].outcome, StatusIs(absl::StatusCode::kAborted));
}

}  // namespace
}  // namespace eventlog
