#include "producers/load/run_ledger.h"

#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "tests/support/status_matchers.h"

namespace eventlog {
namespace {

using testing::ElementsAre;
using testing::Pair;

TEST(RunLedgerTest, KnowsWhatWasSentAndAcknowledged) {
  RunLedger ledger("r", 2);
  ledger.Sent(0, 11);
  ledger.Sent(1, 21);
  ledger.Sent(1, 22);
  ledger.Acknowledged(1, 1, 7);
  EXPECT_EQ(ledger.sent(), 3);
  EXPECT_EQ(ledger.acknowledged(), 1);
  const auto entries = ledger.entries(1);
  ASSERT_EQ(entries.size(), 2u);
  EXPECT_EQ(entries[0].offset, RunLedger::kNotAcknowledged);
  EXPECT_EQ(entries[1].hash, 22u);
  EXPECT_EQ(entries[1].offset, 7);
}

TEST(RunLedgerTest, NumberOfAnEventThatWasNotSentIsFreeAgain) {
  RunLedger ledger("r", 1);
  ledger.Sent(0, 11);
  ledger.Unsend(0);
  ledger.Sent(0, 12);
  const auto entries = ledger.entries(0);
  ASSERT_EQ(entries.size(), 1u);
  EXPECT_EQ(entries[0].hash, 12u);
}

TEST(RunLedgerTest, RangesGoOutAndIn) {
  std::vector<RunLedger::Entry> entries(8, {0, 1});
  entries[3].offset = entries[5].offset = entries[6].offset = RunLedger::kNotAcknowledged;
  const std::string text = AcknowledgedRanges(entries);
  EXPECT_EQ(text, "0-2,4,7");
  const auto ranges = ParseRanges(text);
  ASSERT_THAT(ranges, IsOk());
  EXPECT_THAT(*ranges, ElementsAre(Pair(0, 2), Pair(4, 4), Pair(7, 7)));
  EXPECT_EQ(AcknowledgedRanges({}), "");
  EXPECT_TRUE(ParseRanges("")->empty());
}

TEST(RunLedgerTest, NoRangesAreRefused) {
  for (const char* text : {"x", "1-2-3", "5-4", "1,,x"}) {
    EXPECT_THAT(ParseRanges(text), StatusIs(absl::StatusCode::kInvalidArgument)) << text;
  }
}

}  // namespace
}  // namespace eventlog
