#include "eventlog-svc/client/spool_ledger.h"

#include <memory>
#include <string>
#include <utility>

#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "tests/eventlog-svc/client/spool_fixture.h"
#include "tests/support/status_matchers.h"

namespace eventlog {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;
using testing::SizeIs;

class SpoolLedgerTest : public SpoolFixture {
 protected:
  SpoolLedgerTest() {
    queue_options_.batch_events_max = 1;
    for (const char* const text : {"0", "1", "2"}) EXPECT_THAT(OpenSpool()->Add({TextEvent(text)}), IsOk());
    spool_ = *SpoolBatches::Open(options_, target_, queue_options_);
  }
  // What a sender does, with its queue.
  absl::Status Turn(bool last = false) {
    SpoolLedger::Work work = ledger_.Take(queue_, "p", 5, last);
    auto next = work.Write(*spool_);
    if (!next.ok()) ledger_.PutBack(std::move(work));
    if (next.ok() && next->has_value()) queue_.AddBatch(**std::move(next));
    return next.status();
  }

  AppendQueueOptions queue_options_;
  AppendQueue queue_{queue_options_};
  SpoolLedger ledger_;
  std::unique_ptr<SpoolBatches> spool_;
};

TEST_F(SpoolLedgerTest, NewsBringBatchesAndAnswersDeleteThem) {
  EXPECT_TRUE(ledger_.HasWork(queue_)) << "what was there before";
  ASSERT_THAT(Turn(), IsOk());
  EXPECT_THAT(queue_.in_flight(), SizeIs(1));
  EXPECT_FALSE(ledger_.HasWork(queue_));
  queue_.TakeNext();
  ledger_.Answered(*queue_.PopAnswered());
  EXPECT_TRUE(ledger_.HasWork(queue_));
  ASSERT_THAT(Turn(/*last=*/true), IsOk());
  EXPECT_THAT(Waiting(), ElementsAre("1", "2"));
  EXPECT_THAT(queue_.in_flight(), IsEmpty()) << "no more at the end";
}

TEST_F(SpoolLedgerTest, ARefusalIsWrittenWithTheNewNumbersOfAllOthers) {
  for (int i = 0; i < 2; ++i) {
    ASSERT_THAT(Turn(), IsOk());
    ledger_.News();
  }
  queue_.TakeNext();
  ledger_.Refused(*queue_.PopAnswered(), absl::InvalidArgumentError("bad"));
  queue_.Renumber();
  ASSERT_THAT(Turn(/*last=*/true), IsOk());
  EXPECT_THAT(Waiting(), ElementsAre("1", "2"));
  EXPECT_EQ(OpenSpool()->Rejected(9)->front().reason, "bad");
  EXPECT_EQ(spool_->numbering().producer_id, "p");
  EXPECT_EQ(spool_->numbering().epoch, 5);
  const auto unanswered = spool_->Unanswered();
  ASSERT_THAT(unanswered, IsOk());
  ASSERT_THAT(*unanswered, SizeIs(1));
  EXPECT_EQ(unanswered->front().first_sequence, 0);
}

TEST_F(SpoolLedgerTest, WhatCouldNotBeWrittenIsWrittenLater) {
  options_.busy_max = absl::Milliseconds(1);
  spool_ = *SpoolBatches::Open(options_, target_, queue_options_);
  ASSERT_THAT(Turn(), IsOk());
  queue_.TakeNext();
  ledger_.Answered(*queue_.PopAnswered());
  absl::StatusOr<std::unique_ptr<SqliteDatabase>> other = SqliteDatabase::Open(DatabasePath(), absl::Seconds(1));
  ASSERT_THAT(other, IsOk());
  ASSERT_THAT((*other)->Execute("BEGIN IMMEDIATE"), IsOk());
  EXPECT_THAT(Turn(), StatusIs(absl::StatusCode::kUnavailable));
  EXPECT_TRUE(ledger_.HasWork(queue_));
  ASSERT_THAT((*other)->Execute("COMMIT"), IsOk());
  ASSERT_THAT(Turn(), IsOk());
  EXPECT_THAT(Waiting(), ElementsAre("1", "2"));
  EXPECT_THAT(queue_.in_flight(), SizeIs(1)) << "the next one was wanted, too";
}

}  // namespace
}  // namespace eventlog
