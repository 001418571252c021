#include "eventlog-svc/engine/producer_table.h"

#include "absl/strings/str_cat.h"
#include "eventlog-svc/storage/record_codec.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "proto/google/rpc/error_details.pb.h"
#include "tests/support/status_matchers.h"

namespace eventlog {
namespace {

using testing::AllOf;

const absl::Time kNoon = absl::FromUnixSeconds(1'700'000'000);

class ProducerTableTest : public testing::Test {
 protected:
  absl::StatusOr<std::optional<ProducerTable::Taken>> Check(const std::string& id, int64_t epoch,
                                                            int64_t first_sequence, int64_t count = 1) {
    return table_.Check({id, epoch, first_sequence}, count);
  }
  void Stage(const std::string& id, int64_t epoch, int64_t first_sequence, int64_t count = 1) {
    table_.Stage({id, epoch, first_sequence}, count, next_offset_, kNoon);
    next_offset_ += count;
  }
  void Commit(const std::string& id, int64_t epoch, int64_t first_sequence, int64_t count = 1) {
    Stage(id, epoch, first_sequence, count);
    table_.CommitStaged();
  }
  bool IsNew(const std::string& id, int64_t epoch, int64_t first_sequence, int64_t count = 1) {
    const auto checked = Check(id, epoch, first_sequence, count);
    return checked.ok() && !checked->has_value();
  }

  ProducerTable table_{{/*producers_max=*/3, /*batches_max=*/4}};
  int64_t next_offset_ = 0;
};

std::string Value(const absl::Status& status, const std::string& key) {
  google::rpc::ErrorInfo info;
  const auto payload = status.GetPayload(kErrorInfoUrl);
  if (!payload.has_value() || !info.ParseFromString(std::string(*payload))) return "";
  return info.metadata().count(key) == 0 ? "" : info.metadata().at(key);
}

TEST_F(ProducerTableTest, AnUnknownProducerBeginsAtZero) {
  EXPECT_TRUE(IsNew("p", 7, 0));
  const auto refused = Check("p", 7, 5);
  EXPECT_THAT(refused, AllOf(StatusIs(absl::StatusCode::kFailedPrecondition), HasReason("SEQUENCE_GAP")));
  EXPECT_EQ(Value(refused.status(), "expected"), "0");
  EXPECT_EQ(Value(refused.status(), "actual"), "5");
  EXPECT_EQ(Value(refused.status(), "producer"), "p");
}

TEST_F(ProducerTableTest, SequencesAreThoseOfEvents) {
  Commit("p", 1, 0, 10);
  EXPECT_TRUE(IsNew("p", 1, 10));
  EXPECT_THAT(Check("p", 1, 11), HasReason("SEQUENCE_GAP"));
}

TEST_F(ProducerTableTest, ARepeatIsTheSameBatchAndNotAPartOfIt) {
  Commit("p", 1, 0, 3);
  Commit("p", 1, 3, 2);
  const auto repeat = Check("p", 1, 3, 2);
  ASSERT_THAT(repeat, IsOk());
  ASSERT_TRUE(repeat->has_value());
  EXPECT_EQ((*repeat)->first_offset, 3);
  EXPECT_EQ((*repeat)->append_time, kNoon);
  EXPECT_FALSE((*repeat)->staged);
  EXPECT_THAT(Check("p", 1, 3, 1), HasReason("SEQUENCE_GAP"));
  EXPECT_THAT(Check("p", 1, 4, 1), HasReason("SEQUENCE_GAP"));
}

TEST_F(ProducerTableTest, OnlyTheLastBatchesCanBeRepeated) {
  for (int64_t i = 0; i < 5; ++i) Commit("p", 1, i);
  EXPECT_THAT(Check("p", 1, 0), HasReason("SEQUENCE_GAP"));
  EXPECT_TRUE(Check("p", 1, 1)->has_value());
}

TEST_F(ProducerTableTest, AHigherEpochBeginsAtZeroAndFencesTheOlder) {
  Commit("p", 1, 0, 3);
  EXPECT_THAT(Check("p", 2, 3), HasReason("SEQUENCE_GAP"));
  EXPECT_TRUE(IsNew("p", 2, 0, 3)) << "the batch of epoch 1 with the same numbers is another one";
  Commit("p", 2, 0);
  const auto fenced = Check("p", 1, 3);
  EXPECT_THAT(fenced, AllOf(StatusIs(absl::StatusCode::kFailedPrecondition), HasReason("PRODUCER_FENCED")));
  EXPECT_EQ(Value(fenced.status(), "expected"), "2");
  EXPECT_EQ(Value(fenced.status(), "actual"), "1");
  EXPECT_THAT(Check("p", 1, 0, 3), HasReason("PRODUCER_FENCED")) << "a repeat by an old epoch";
}

TEST_F(ProducerTableTest, ABatchOfAnOlderEpochIsNoRepeat) {
  Commit("p", 1, 0, 3);
  for (int64_t i = 0; i < 3; ++i) Commit("p", 2, i);
  EXPECT_THAT(Check("p", 2, 0, 3), HasReason("SEQUENCE_GAP"));
}

TEST_F(ProducerTableTest, WhatIsStagedCountsAtOnce) {
  Commit("p", 1, 0);
  Stage("p", 1, 1);
  EXPECT_TRUE(IsNew("p", 1, 2));
  EXPECT_TRUE((*Check("p", 1, 1))->staged);
  EXPECT_FALSE((*Check("p", 1, 0))->staged) << "committed before this group";
  Stage("p", 2, 0);
  EXPECT_THAT(Check("p", 1, 2), HasReason("PRODUCER_FENCED"));
}

TEST_F(ProducerTableTest, WhatIsDroppedWasNever) {
  Commit("p", 1, 0);
  Stage("p", 1, 1);
  Stage("p", 2, 0);
  Stage("q", 1, 0);
  table_.DropStaged();
  EXPECT_TRUE(IsNew("p", 1, 1));
  EXPECT_TRUE((*Check("p", 1, 0)).has_value());
  EXPECT_TRUE(IsNew("q", 1, 0));
  EXPECT_EQ(table_.size(), 1u);
}

TEST_F(ProducerTableTest, TheProducerThatAppendedLongestAgoIsForgotten) {
  Commit("a", 1, 0);
  Commit("b", 1, 0);
  Commit("c", 1, 0);
  Commit("a", 1, 1);
  Commit("d", 1, 0);
  EXPECT_EQ(table_.size(), 3u);
  EXPECT_THAT(Check("b", 1, 1), HasReason("SEQUENCE_GAP"));
  EXPECT_TRUE(IsNew("a", 1, 2));
  EXPECT_TRUE(IsNew("c", 1, 1));
}

TEST_F(ProducerTableTest, OfOneGroupTheProducersAreForgottenInTheirOrder) {
  for (int i = 0; i < 6; ++i) Stage(absl::StrCat("p", i), 1, 0);
  Stage("p0", 1, 1);
  table_.CommitStaged();
  EXPECT_EQ(table_.size(), 3u);
  EXPECT_TRUE(IsNew("p0", 1, 2));
  EXPECT_TRUE(IsNew("p5", 1, 1));
  EXPECT_TRUE(IsNew("p4", 1, 1));
}

TEST_F(ProducerTableTest, ARecoveryOfTheSameBatchesKnowsTheSameProducers) {
  ProducerTable recovered({3, 4});
  for (int i = 0; i < 20; ++i) {
    const ProducerSequence sequence{absl::StrCat("p", i * 7 % 5), i, 0};
    table_.Stage(sequence, 1, i, kNoon);
    if (i % 4 == 3) table_.CommitStaged();
    recovered.Stage(sequence, 1, i, kNoon);
    recovered.CommitStaged();
  }
  EXPECT_EQ(recovered.Serialize(), table_.Serialize());
}

TEST_F(ProducerTableTest, TheStoredFormKeepsAllThatCounts) {
  Commit("a", 1, 0, 3);
  Commit("b", 9, 0);
  Commit("a", 1, 3, 2);
  Stage("a", 1, 5);
  const std::string bytes = table_.Serialize();
  ProducerTable restored({3, 4});
  ASSERT_THAT(restored.Restore(bytes), IsOk());
  EXPECT_EQ(restored.Serialize(), bytes);
  EXPECT_EQ(restored.size(), 2u);
  const auto repeat = restored.Check({"a", 1, 3}, 2);
  ASSERT_THAT(repeat, IsOk());
  ASSERT_TRUE(repeat->has_value());
  EXPECT_EQ((*repeat)->first_offset, 4);
  EXPECT_EQ((*repeat)->append_time, kNoon);
  EXPECT_THAT(restored.Check({"a", 1, 5}, 1), IsOkAndHolds(testing::Eq(std::nullopt))) << "staged is not stored";
  EXPECT_THAT(restored.Check({"b", 8, 0}, 1), HasReason("PRODUCER_FENCED"));
}

TEST_F(ProducerTableTest, AnEmptyStateHasNoProducers) {
  Commit("a", 1, 0);
  ASSERT_THAT(table_.Restore(""), IsOk());
  EXPECT_EQ(table_.size(), 0u);
}

TEST_F(ProducerTableTest, AStateCutAnywhereIsRefused) {
  Commit("a", 1, 0, 300);
  Commit("b", 2, 0);
  const std::string bytes = table_.Serialize();
  for (size_t size = 1; size < bytes.size(); ++size) {
    ProducerTable other({3, 4});
    EXPECT_THAT(other.Restore(bytes.substr(0, size)),
                AllOf(StatusIs(absl::StatusCode::kDataLoss), HasReason("DATA_CORRUPT")))
        << size;
  }
  ProducerTable other({3, 4});
  EXPECT_THAT(other.Restore(bytes + "x"), HasReason("DATA_CORRUPT"));
}

TEST_F(ProducerTableTest, AStateThatNoTableCanHaveIsRefused) {
  Commit("a", 1, 0);
  const std::string one = table_.Serialize().substr(2);  // behind version and count
  ProducerTable other({3, 4});
  EXPECT_THAT(other.Restore(absl::StrCat("\x01\x01", one)), IsOk());
  EXPECT_THAT(other.Restore(absl::StrCat("\x01\x02", one, one)), HasReason("DATA_CORRUPT")) << "one producer twice";
  // The sequence behind which there is no room: the next append would overflow.
  std::string state = "\x01\x01\x01x\x01";
  AppendVarint(INT64_MAX, state);
  EXPECT_THAT(other.Restore(state + '\0'), HasReason("DATA_CORRUPT"));
  EXPECT_THAT(other.Restore(absl::StrCat("\x01\x01\x01x\x01\x05\x01", std::string("\0\0\0\0", 4))),
              HasReason("DATA_CORRUPT"))
      << "a batch of no events";
}

}  // namespace
}  // namespace eventlog
