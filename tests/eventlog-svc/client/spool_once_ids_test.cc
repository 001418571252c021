#include "eventlog-svc/client/spool_once_ids.h"

#include <fstream>
#include <memory>
#include <string>
#include <vector>

#include "absl/strings/str_cat.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "tests/eventlog-svc/client/spool_fixture.h"
#include "tests/support/status_matchers.h"

namespace eventlog {
namespace {

class SpoolOnceIdsTest : public SpoolFixture {
 protected:
  SpoolOnceIdsTest() {
    const std::string path = root_ + "/database";
    std::ofstream(path).flush();
    sqlite_ = *SqliteDatabase::Open(path, options_.busy_max);
    EXPECT_THAT(sqlite_->Execute(SpoolOnceIds::kSchema), IsOk());
  }

  std::unique_ptr<SqliteDatabase> sqlite_;
};

TEST_F(SpoolOnceIdsTest, WhatWasPutIsThereAndNothingElse) {
  SpoolOnceIds ids(*sqlite_);
  EXPECT_THAT(ids.Has("a"), IsOkAndHolds(false));
  ASSERT_THAT(ids.Put("a"), IsOk());
  EXPECT_THAT(ids.Has("a"), IsOkAndHolds(true));
  EXPECT_THAT(ids.Has("A"), IsOkAndHolds(false));
  EXPECT_THAT(ids.Has("a "), IsOkAndHolds(false));
  EXPECT_FALSE(ids.Put("a").ok());
}

TEST_F(SpoolOnceIdsTest, OfSeveralTheFirstOfItsKindIsNotKnown) {
  SpoolOnceIds ids(*sqlite_);
  ASSERT_THAT(ids.Put("a"), IsOk());
  EXPECT_THAT(ids.Known({"", "b", "a", "b", "", "c"}),
              IsOkAndHolds(std::vector<bool>{false, false, true, true, false, false}));
  EXPECT_THAT(ids.Has("b"), IsOkAndHolds(false)) << "it was only asked";
}

TEST_F(SpoolOnceIdsTest, ATransactionThatFailsLeavesNothing) {
  SpoolOnceIds ids(*sqlite_);
  const absl::Status status = sqlite_->Transact([&] {
    EXPECT_THAT(ids.Put("a"), IsOk());
    return absl::InternalError("said the test");
  });
  EXPECT_THAT(status, StatusIs(absl::StatusCode::kInternal));
  EXPECT_THAT(ids.Has("a"), IsOkAndHolds(false));
}

TEST_F(SpoolOnceIdsTest, TheNewestAreKnownAndTheOldestGo) {
  SpoolOnceIds ids(*sqlite_);
  const absl::Status status = sqlite_->Transact([&] {
    for (int64_t i = 0; i < SpoolOnceIds::kIdsMax + 3; ++i) {
      if (absl::Status put = ids.Put(absl::StrCat("id", i)); !put.ok()) return put;
    }
    return absl::OkStatus();
  });
  ASSERT_THAT(status, IsOk());
  EXPECT_THAT(sqlite_->Integer("SELECT count(*) FROM once_ids"), IsOkAndHolds(SpoolOnceIds::kIdsMax));
  EXPECT_THAT(ids.Has("id2"), IsOkAndHolds(false));
  EXPECT_THAT(ids.Has("id3"), IsOkAndHolds(true));
  EXPECT_THAT(ids.Has(absl::StrCat("id", SpoolOnceIds::kIdsMax + 2)), IsOkAndHolds(true));
}

}  // namespace
}  // namespace eventlog
