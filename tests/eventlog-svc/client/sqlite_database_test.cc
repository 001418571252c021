#include "eventlog-svc/client/sqlite_database.h"

#include <fcntl.h>
#include <sys/resource.h>
#include <unistd.h>

#include <fstream>
#include <memory>
#include <string>

#include "absl/strings/str_cat.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "tests/support/status_matchers.h"

namespace eventlog {
namespace {

using testing::HasSubstr;

class SqliteDatabaseTest : public testing::Test {
 protected:
  SqliteDatabaseTest() : path_(absl::StrCat(testing::TempDir(), "/sqlite-", getpid(), ".db")) {
    for (const char* const end : {"", "-wal", "-shm", "-journal"}) unlink(absl::StrCat(path_, end).c_str());
    std::ofstream{path_};
  }
  std::unique_ptr<SqliteDatabase> Open(absl::Duration busy_max = absl::Seconds(30)) {
    absl::StatusOr<std::unique_ptr<SqliteDatabase>> database = SqliteDatabase::Open(path_, busy_max);
    EXPECT_THAT(database, IsOk());
    return database.ok() ? *std::move(database) : nullptr;
  }

  const std::string path_;
};

TEST_F(SqliteDatabaseTest, BytesComeBackAsTheyWere) {
  const auto database = Open();
  ASSERT_THAT(database->Execute("CREATE TABLE t (n INTEGER, b BLOB)"), IsOk());
  const std::string bytes("\0a\xff", 3);
  for (const std::string& each : {bytes, std::string()}) {
    ASSERT_THAT(SqliteDatabase::Query(*database, "INSERT INTO t VALUES (?, ?)").Bind(-7).BindBytes(each).Run(), IsOk());
  }
  SqliteDatabase::Query query(*database, "SELECT n, b FROM t WHERE b IS NOT NULL");
  ASSERT_THAT(query.Step(), IsOkAndHolds(true));
  EXPECT_EQ(query.Integer(0), -7);
  EXPECT_EQ(query.Bytes(1), bytes);
  ASSERT_THAT(query.Step(), IsOkAndHolds(true));
  EXPECT_EQ(query.Bytes(1), "");
  EXPECT_THAT(query.Step(), IsOkAndHolds(false));
}

TEST_F(SqliteDatabaseTest, AFailedTransactionChangesNothingAndTheNextOneGoesOn) {
  const auto database = Open();
  ASSERT_THAT(database->Execute("CREATE TABLE t (n INTEGER)"), IsOk());
  EXPECT_THAT(database->Transact([&] {
    EXPECT_THAT(database->Execute("INSERT INTO t VALUES (1)"), IsOk());
    return absl::AbortedError("no");
  }),
              StatusIs(absl::StatusCode::kAborted));
  EXPECT_THAT(database->Integer("SELECT count(*) FROM t"), IsOkAndHolds(0));
  EXPECT_THAT(database->Transact([&] { return database->Execute("INSERT INTO t VALUES (1)"); }), IsOk());
  EXPECT_THAT(database->Integer("SELECT count(*) FROM t"), IsOkAndHolds(1));
}

TEST_F(SqliteDatabaseTest, WhoWritesTooLongIsNotWaitedForForEver) {
  const auto one = Open();
  const auto other = Open(absl::Milliseconds(20));
  ASSERT_THAT(one->Execute("BEGIN IMMEDIATE"), IsOk());
  EXPECT_THAT(other->Execute("BEGIN IMMEDIATE"), StatusIs(absl::StatusCode::kUnavailable, HasSubstr(path_)));
  ASSERT_THAT(one->Execute("COMMIT"), IsOk());
  EXPECT_THAT(other->Execute("BEGIN IMMEDIATE"), IsOk());
}

TEST_F(SqliteDatabaseTest, WhatIsNoDatabaseIsDataLossAndWhatIsMissingIsNotFound) {
  std::ofstream(path_) << "certainly no database, but long enough to have a header of a hundred bytes, which one has, "
                          "and then some";
  const auto database = Open();
  EXPECT_THAT(database->Integer("PRAGMA user_version"), StatusIs(absl::StatusCode::kDataLoss));
  unlink(path_.c_str());
  EXPECT_THAT(SqliteDatabase::Open(path_, absl::ZeroDuration()), StatusIs(absl::StatusCode::kNotFound));
}

TEST_F(SqliteDatabaseTest, WithoutADescriptorLeftItIsNotMissing) {
  const int next = dup(STDERR_FILENO);
  ASSERT_GE(next, 0);
  close(next);
  rlimit before;
  ASSERT_EQ(getrlimit(RLIMIT_NOFILE, &before), 0);
  const rlimit none = {static_cast<rlim_t>(next), before.rlim_max};
  // The sanitizer's own look at an object with virtual functions, this one, needs a descriptor, too.
  const std::string path = path_;
  ASSERT_EQ(setrlimit(RLIMIT_NOFILE, &none), 0);
  const absl::Status status = SqliteDatabase::Open(path, absl::Seconds(1)).status();
  ASSERT_EQ(setrlimit(RLIMIT_NOFILE, &before), 0);
  EXPECT_THAT(status, StatusIs(absl::StatusCode::kInternal, HasSubstr("Too many open files")));
}

TEST_F(SqliteDatabaseTest, AWrongStatementSaysWhatIsWrong) {
  const auto database = Open();
  EXPECT_THAT(SqliteDatabase::Query(*database, "SELECT a FROM nowhere").Bind(1).Run(),
              StatusIs(absl::StatusCode::kInternal, HasSubstr("nowhere")));
  EXPECT_THAT(database->Integer("SELECT 1 WHERE 0"), StatusIs(absl::StatusCode::kDataLoss));
}

TEST_F(SqliteDatabaseTest, TheLogIsKeptOnCloseUnlessItIsNotToBe) {
  for (const bool keep : {true, false}) {
    auto database = Open();
    ASSERT_THAT(
        database->Execute("PRAGMA journal_mode = WAL; CREATE TABLE IF NOT EXISTS t (n); INSERT INTO t VALUES (1)"),
        IsOk());
    database->KeepLogOnClose(keep);
    database.reset();
    EXPECT_EQ(access((path_ + "-wal").c_str(), F_OK) == 0, keep);
  }
}

}  // namespace
}  // namespace eventlog
