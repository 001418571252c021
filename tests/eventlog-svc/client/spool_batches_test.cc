#include "eventlog-svc/client/spool_batches.h"

#include <chrono>
#include <filesystem>
#include <fstream>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "tests/eventlog-svc/client/spool_fixture.h"
#include "tests/support/status_matchers.h"

namespace eventlog {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;

class SpoolBatchesTest : public SpoolFixture {
 protected:
  SpoolBatchesTest() {
    queue_.batch_events_max = 3;
    queue_.batch_bytes_max = 1'000;
  }
  std::unique_ptr<SpoolBatches> OpenBatches() {
    absl::StatusOr<std::unique_ptr<SpoolBatches>> batches = SpoolBatches::Open(options_, target_, queue_);
    EXPECT_THAT(batches, IsOk());
    return batches.ok() ? *std::move(batches) : nullptr;
  }
  void AddNumbers(int first, int end) {
    const auto spool = OpenSpool();
    for (int i = first; i < end; ++i) ASSERT_THAT(spool->Add({TextEvent(absl::StrCat(i))}), IsOk());
  }
  static std::vector<std::string> TextsOf(const SpoolBatches::Batch& batch) {
    std::vector<std::string> texts;
    for (const AppendQueue::Entry& entry : batch.entries) texts.push_back(entry.event.text());
    return texts;
  }
  static SpoolBatches::Batch NextOf(SpoolBatches& batches, bool only_full = false) {
    auto next = batches.Next(only_full);
    EXPECT_THAT(next, IsOk());
    return next.ok() && next->has_value() ? **std::move(next) : SpoolBatches::Batch();
  }
  SpoolStats StatsNow() { return *OpenSpool()->Stats(); }

  AppendQueueOptions queue_;
};

TEST_F(SpoolBatchesTest, WhatWasComposedIsTheSameForWhoComesAfter) {
  AddNumbers(0, 7);
  auto first = OpenBatches();
  const SpoolBatches::Numbering numbering = first->numbering();
  EXPECT_THAT(TextsOf(NextOf(*first)), ElementsAre("0", "1", "2"));
  EXPECT_EQ(NextOf(*first).first_sequence, 3);
  first.reset();
  AddNumbers(7, 9);
  const auto second = OpenBatches();
  EXPECT_EQ(second->numbering().producer_id, numbering.producer_id);
  EXPECT_EQ(second->numbering().epoch, numbering.epoch);
  const auto unanswered = second->Unanswered();
  ASSERT_THAT(unanswered, IsOk());
  ASSERT_EQ(unanswered->size(), 2u);
  EXPECT_THAT(TextsOf(unanswered->at(0)), ElementsAre("0", "1", "2"));
  EXPECT_EQ(unanswered->at(0).first_sequence, 0);
  EXPECT_THAT(TextsOf(unanswered->at(1)), ElementsAre("3", "4", "5"));
  EXPECT_EQ(unanswered->at(1).first_sequence, 3);
}

TEST_F(SpoolBatchesTest, WhoSendsRemovesWhatAKilledMakerLeft) {
  OpenSpool();
  const std::string draft = options_.folder + "/draft-0123";
  std::ofstream(draft) << "half made";
  OpenBatches();
  EXPECT_TRUE(std::filesystem::exists(draft)) << "somebody may be at it";
  std::filesystem::last_write_time(draft, std::filesystem::file_time_type::clock::now() - std::chrono::hours(2));
  OpenBatches();
  EXPECT_FALSE(std::filesystem::exists(draft));
}

TEST_F(SpoolBatchesTest, BehindWhatAnotherLeftUnansweredANewEpochBegins) {
  AddNumbers(0, 9);
  auto first = OpenBatches();
  const SpoolBatches::Outline left = SpoolBatches::OutlineOf(NextOf(*first));
  first.reset();
  const auto second = OpenBatches();
  const int64_t epoch = second->numbering().epoch;
  EXPECT_THAT(TextsOf(NextOf(*second)), IsEmpty()) << "as long as it is not answered";
  ASSERT_THAT(second->Acknowledge({left}), IsOk());
  const SpoolBatches::Batch next = NextOf(*second);
  EXPECT_THAT(TextsOf(next), ElementsAre("3", "4", "5"));
  EXPECT_EQ(next.first_sequence, 0);
  EXPECT_GT(second->numbering().epoch, epoch);
  EXPECT_EQ(NextOf(*second).first_sequence, 3) << "and is one";
}

TEST_F(SpoolBatchesTest, WithNothingUnansweredANewEpochBegins) {
  AddNumbers(0, 1);
  auto first = OpenBatches();
  const SpoolBatches::Numbering numbering = first->numbering();
  ASSERT_THAT(first->Acknowledge({SpoolBatches::OutlineOf(NextOf(*first))}), IsOk());
  first.reset();
  const auto second = OpenBatches();
  EXPECT_EQ(second->numbering().producer_id, numbering.producer_id);
  EXPECT_GT(second->numbering().epoch, numbering.epoch);
  AddNumbers(1, 2);
  EXPECT_EQ(NextOf(*second).first_sequence, 0);
}

TEST_F(SpoolBatchesTest, OnlyFullMeansFull) {
  AddNumbers(0, 2);
  const auto batches = OpenBatches();
  EXPECT_THAT(TextsOf(NextOf(*batches, /*only_full=*/true)), IsEmpty());
  AddNumbers(2, 3);
  EXPECT_THAT(TextsOf(NextOf(*batches, /*only_full=*/true)), ElementsAre("0", "1", "2"));
  EXPECT_THAT(TextsOf(NextOf(*batches)), IsEmpty());
}

TEST_F(SpoolBatchesTest, BatchesEndAtBytesAndALargeEventIsOneAlone) {
  const auto spool = OpenSpool();
  ASSERT_THAT(spool->Add({TextEvent(std::string(600, 'a')), TextEvent(std::string(600, 'b')),
                          TextEvent(std::string(2'000, 'c'))}),
              IsOk());
  const auto batches = OpenBatches();
  for (int i = 0; i < 3; ++i) EXPECT_EQ(NextOf(*batches).entries.size(), 1u);
}

TEST_F(SpoolBatchesTest, WhatIsAcknowledgedIsDeletedAndCounted) {
  AddNumbers(0, 5);
  const auto batches = OpenBatches();
  const SpoolBatches::Batch first = NextOf(*batches);
  NextOf(*batches);
  ASSERT_THAT(batches->Acknowledge({SpoolBatches::OutlineOf(first)}), IsOk());
  EXPECT_THAT(Waiting(), ElementsAre("3", "4"));
  EXPECT_EQ(StatsNow().acknowledged, 3);
  EXPECT_EQ(StatsNow().events, 2);
  EXPECT_EQ(StatsNow().bytes, static_cast<int64_t>(2 * TextEvent("3").ByteSizeLong()));
}

TEST_F(SpoolBatchesTest, ARefusedEventIsKeptAsideAndItsNeighboursAreNumberedAnew) {
  AddNumbers(0, 5);
  auto batches = OpenBatches();
  const SpoolBatches::Outline refused = SpoolBatches::OutlineOf(NextOf(*batches));
  SpoolBatches::Outline other = SpoolBatches::OutlineOf(NextOf(*batches));
  other.first_sequence = 0;
  const SpoolBatches::Numbering numbering{"p", 77, 2};
  ASSERT_THAT(batches->Replace(numbering, {other}, {{refused, "BAD: it is"}}), IsOk());
  EXPECT_THAT(Waiting(), ElementsAre("3", "4"));
  EXPECT_EQ(StatsNow().rejected, 3);
  EXPECT_EQ(StatsNow().events, 2);
  const auto aside = OpenSpool()->Rejected(10);
  ASSERT_THAT(aside, IsOk());
  ASSERT_EQ(aside->size(), 3u);
  EXPECT_EQ(aside->at(0).event.text(), "2") << "the newest first";
  EXPECT_EQ(aside->at(0).reason, "BAD: it is");
  batches.reset();
  const auto next = OpenBatches();
  EXPECT_EQ(next->numbering().producer_id, "p");
  EXPECT_EQ(next->numbering().epoch, 77);
  EXPECT_EQ(next->Unanswered()->front().first_sequence, 0);
}

TEST_F(SpoolBatchesTest, RejectedEventsAreBounded) {
  queue_.batch_events_max = 2'000;
  std::vector<v1::Event> events(SpoolBatches::kRejectedEventsMax + 5, TextEvent("x"));
  events.back() = TextEvent("last");
  ASSERT_THAT(OpenSpool()->Add(events), IsOk());
  queue_.batch_bytes_max = 1'000'000;
  const auto batches = OpenBatches();
  const SpoolBatches::Outline all = SpoolBatches::OutlineOf(NextOf(*batches));
  ASSERT_THAT(batches->Replace(batches->numbering(), {}, {{all, "BAD"}}), IsOk());
  const auto aside = OpenSpool()->Rejected(10'000);
  ASSERT_THAT(aside, IsOk());
  EXPECT_EQ(aside->size(), static_cast<size_t>(SpoolBatches::kRejectedEventsMax));
  EXPECT_EQ(aside->front().event.text(), "last");
  EXPECT_EQ(StatsNow().rejected, SpoolBatches::kRejectedEventsMax + 5);
}

TEST_F(SpoolBatchesTest, ABatchThatLostAnEventIsDamage) {
  AddNumbers(0, 3);
  NextOf(*OpenBatches());
  Change("DELETE FROM events WHERE id = 2");
  EXPECT_THAT(OpenBatches()->Unanswered(), StatusIs(absl::StatusCode::kDataLoss));
}

TEST_F(SpoolBatchesTest, TheFileOfALongOutageGetsSmallAgain) {
  queue_.batch_events_max = 1'000;
  queue_.batch_bytes_max = 10'000'000;
  const auto spool = OpenSpool();
  const std::vector<v1::Event> events(1'000, TextEvent(std::string(10'000, 'x')));
  ASSERT_THAT(spool->Add(events), IsOk());
  const auto batches = OpenBatches();
  ASSERT_THAT(batches->Acknowledge({SpoolBatches::OutlineOf(NextOf(*batches))}), IsOk());
  auto& sqlite = batches->database().sqlite();
  const int64_t before = sqlite.Integer("PRAGMA page_count").value_or(-1);
  for (int i = 0; i < 4; ++i) {
    ASSERT_THAT(spool->Add({TextEvent("y")}), IsOk());
    ASSERT_THAT(batches->Acknowledge({SpoolBatches::OutlineOf(NextOf(*batches))}), IsOk());
  }
  EXPECT_LE(sqlite.Integer("PRAGMA page_count").value_or(before), before - 4 * 200);
}

}  // namespace
}  // namespace eventlog
