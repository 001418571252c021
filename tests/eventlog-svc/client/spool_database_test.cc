#include "eventlog-svc/client/spool_database.h"

#include <sys/stat.h>
#include <unistd.h>

#include <chrono>
#include <filesystem>
#include <fstream>
#include <memory>
#include <string>
#include <thread>
#include <vector>

#include "absl/strings/str_cat.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "tests/eventlog-svc/client/spool_fixture.h"
#include "tests/support/status_matchers.h"

namespace eventlog {
namespace {

using testing::AllOf;
using testing::HasSubstr;

class SpoolDatabaseTest : public SpoolFixture {
 protected:
  absl::StatusOr<std::unique_ptr<SpoolDatabase>> Open() { return SpoolDatabase::Open(options_, target_); }
  int64_t Generation() {
    const auto database = Open();
    return database.ok() ? (*database)->generation() : -1;
  }
};

TEST_F(SpoolDatabaseTest, TheFolderAndItsFilesAreTheirOwnersAlone) {
  ASSERT_THAT(Open(), IsOk());
  struct stat entry;
  ASSERT_EQ(stat(options_.folder.c_str(), &entry), 0);
  EXPECT_EQ(entry.st_mode & 0777, 0700u);
  int files = 0;
  for (const auto& file : std::filesystem::directory_iterator(options_.folder)) {
    ASSERT_EQ(stat(file.path().c_str(), &entry), 0);
    EXPECT_EQ(entry.st_mode & 0777, 0600u) << file.path();
    EXPECT_THAT(file.path().filename().string(), testing::StartsWith(SpoolDatabase::kFilePrefix)) << "no draft is left";
    ++files;
  }
  EXPECT_GE(files, 1);
}

TEST_F(SpoolDatabaseTest, AFolderThatOthersMayWriteIntoIsRefused) {
  ASSERT_TRUE(std::filesystem::create_directories(options_.folder));
  ASSERT_EQ(chmod(options_.folder.c_str(), 0777), 0);
  EXPECT_THAT(Open(), StatusIs(absl::StatusCode::kPermissionDenied, AllOf(HasSubstr("0777"), HasSubstr("0700"))));
  ASSERT_EQ(chmod(options_.folder.c_str(), 0755), 0);
  EXPECT_THAT(Open(), IsOk());
}

TEST_F(SpoolDatabaseTest, ANewerSchemaIsRefusedAndLeftAlone) {
  ASSERT_THAT(Open(), IsOk());
  Change("PRAGMA user_version = 3");
  EXPECT_THAT(Open(), StatusIs(absl::StatusCode::kFailedPrecondition,
                               AllOf(HasSubstr("schema version 3"), HasSubstr("up to 2"))));
  Change("PRAGMA user_version = 2");
  EXPECT_EQ(Generation(), 1);
}

// What a program made that knew version 1, with an event that waits and a batch that may have been sent.
constexpr char kVersion1[] = R"(
  PRAGMA auto_vacuum = INCREMENTAL; PRAGMA journal_mode = WAL;
  CREATE TABLE state (
    one INTEGER PRIMARY KEY CHECK (one = 1),
    producer TEXT NOT NULL, epoch INTEGER NOT NULL, next_sequence INTEGER NOT NULL,
    next_id INTEGER NOT NULL, events INTEGER NOT NULL, bytes INTEGER NOT NULL,
    added INTEGER NOT NULL, acknowledged INTEGER NOT NULL, rejected INTEGER NOT NULL, dropped INTEGER NOT NULL);
  CREATE TABLE target (one INTEGER PRIMARY KEY CHECK (one = 1), server TEXT NOT NULL, log TEXT NOT NULL);
  CREATE TABLE events (id INTEGER PRIMARY KEY, added_us INTEGER NOT NULL, event BLOB NOT NULL);
  CREATE TABLE batches (
    first_id INTEGER PRIMARY KEY, last_id INTEGER NOT NULL, events INTEGER NOT NULL, bytes INTEGER NOT NULL,
    first_sequence INTEGER NOT NULL);
  CREATE TABLE rejected (
    id INTEGER PRIMARY KEY, rejected_us INTEGER NOT NULL, reason TEXT NOT NULL, event BLOB NOT NULL);
  PRAGMA application_id = 1702261616; PRAGMA user_version = 1;
  INSERT INTO state VALUES (1, 'made by version 1', 5, 1, 3, 2, 12, 7, 5, 0, 0);
  INSERT INTO target VALUES (1, '127.0.0.1:1', 'here');
  INSERT INTO events VALUES (1, 9, x'1a0474657374'), (2, 9, x'1a0474657374');
  INSERT INTO batches VALUES (1, 1, 1, 6, 0);)";

TEST_F(SpoolDatabaseTest, OneOfTheFirstVersionIsMigratedWithAllThatIsInIt) {
  ASSERT_TRUE(std::filesystem::create_directories(options_.folder));
  chmod(options_.folder.c_str(), 0700);
  std::ofstream(DatabasePath()).flush();
  Change(kVersion1);
  // Two that had it open when the third migrates it: of the version before, and of this one.
  absl::StatusOr<std::unique_ptr<SqliteDatabase>> older = SqliteDatabase::Open(DatabasePath(), options_.busy_max);
  ASSERT_THAT(older, IsOk());
  EXPECT_THAT((*older)->Integer("SELECT next_id FROM state"), IsOkAndHolds(3));
  const auto spool = OpenSpool();
  v1::Event event = TextEvent("new");
  event.set_id("once");
  for (int i = 0; i < 2; ++i) EXPECT_THAT(spool->AddOnce({event}), IsOk());
  EXPECT_THAT(Waiting(), testing::ElementsAre("", "", "new"));
  EXPECT_THAT((*older)->Integer("SELECT next_id FROM state"), IsOkAndHolds(4));
  EXPECT_THAT((*older)->Integer("PRAGMA user_version"), IsOkAndHolds(2));
  EXPECT_THAT((*older)->Integer("SELECT count(*) FROM batches"), IsOkAndHolds(1));
  EXPECT_THAT((*older)->Integer("SELECT epoch FROM state WHERE producer = 'made by version 1'"), IsOkAndHolds(5));
  EXPECT_EQ(Generation(), 1) << "nothing was set aside";
}

TEST_F(SpoolDatabaseTest, ThreadsThatMigrateItAtOnceAllSucceed) {
  ASSERT_TRUE(std::filesystem::create_directories(options_.folder));
  chmod(options_.folder.c_str(), 0700);
  std::ofstream(DatabasePath()).flush();
  Change(kVersion1);
  std::vector<std::thread> threads;
  for (int i = 0; i < 8; ++i) threads.emplace_back([this] { EXPECT_THAT(Open(), IsOk()); });
  for (std::thread& thread : threads) thread.join();
  EXPECT_EQ(Generation(), 1);
}

TEST_F(SpoolDatabaseTest, WhatAKilledMakerLeftIsRemovedWhenItIsOld) {
  ASSERT_THAT(Open(), IsOk());
  const auto two_hours_ago = std::filesystem::file_time_type::clock::now() - std::chrono::hours(2);
  const std::string old = options_.folder + "/draft-0123", young = options_.folder + "/draft-4567";
  for (const std::string& draft : {old, old + "-wal", young}) std::ofstream(draft) << "half made";
  for (const std::string& draft : {old, old + "-wal"}) std::filesystem::last_write_time(draft, two_hours_ago);
  // Killed between the link and the removal: the draft is the database, which must stay whole for those who have it.
  const std::string linked = options_.folder + "/draft-89ab";
  std::filesystem::create_hard_link(DatabasePath(), linked);
  const auto spool = OpenSpool();
  ASSERT_THAT(spool->Add({TextEvent("a")}), IsOk());  // which makes it young
  (*Open())->RemoveOldDrafts();
  for (const std::string& draft : {old, old + "-wal", linked}) EXPECT_FALSE(std::filesystem::exists(draft)) << draft;
  EXPECT_TRUE(std::filesystem::exists(young)) << "somebody may be at it";
  ASSERT_THAT(spool->Add({TextEvent("b")}), IsOk());
  EXPECT_THAT(Waiting(), testing::ElementsAre("a", "b"));
}

TEST_F(SpoolDatabaseTest, ADatabaseOfAnotherProgramIsRefusedAndLeftAlone) {
  ASSERT_THAT(Open(), IsOk());
  Change("PRAGMA application_id = 7");
  EXPECT_THAT(Open(), StatusIs(absl::StatusCode::kFailedPrecondition, HasSubstr("no spool")));
}

TEST_F(SpoolDatabaseTest, AnotherTargetIsRefused) {
  ASSERT_THAT(Open(), IsOk());
  EXPECT_THAT(SpoolDatabase::Open(options_, SpoolTarget{target_.server, ""}),
              StatusIs(absl::StatusCode::kFailedPrecondition, AllOf(HasSubstr("log here"), HasSubstr("events"))));
  const auto existing = SpoolDatabase::Open(options_, std::nullopt);
  ASSERT_THAT(existing, IsOk());
  EXPECT_EQ((*existing)->target().server, target_.server);
  EXPECT_EQ((*existing)->target().log, target_.log);
}

TEST_F(SpoolDatabaseTest, NoFolderAndNoDatabaseAreNotFound) {
  EXPECT_THAT(SpoolDatabase::Open(options_, std::nullopt), StatusIs(absl::StatusCode::kNotFound));
  ASSERT_TRUE(std::filesystem::create_directories(options_.folder));
  EXPECT_THAT(SpoolDatabase::Open(options_, std::nullopt), StatusIs(absl::StatusCode::kNotFound));
}

TEST_F(SpoolDatabaseTest, DamageIsSetAsideAndSaysSo) {
  ASSERT_THAT(Open(), IsOk());
  for (const char* const content : {"", "no database at all"}) {
    const int64_t damaged = Generation();
    for (const char* const end : {"-wal", "-shm"}) {
      unlink(absl::StrCat(DatabasePath(static_cast<int>(damaged)), end).c_str());
    }
    std::ofstream(DatabasePath(static_cast<int>(damaged)), std::ios::trunc) << content;
    EXPECT_THAT(SpoolDatabase::Open(options_, std::nullopt), StatusIs(absl::StatusCode::kDataLoss));
    EXPECT_EQ(Generation(), damaged + 1);
    EXPECT_THAT(SpoolDatabase::Open(options_, std::nullopt), IsOk());
    EXPECT_TRUE(std::filesystem::exists(DatabasePath(static_cast<int>(damaged)))) << "kept aside";
  }
}

TEST_F(SpoolDatabaseTest, TheTablesThatAreGoneAreDamage) {
  ASSERT_THAT(Open(), IsOk());
  Change("DROP TABLE state");
  EXPECT_EQ(Generation(), 2);
  Change("DELETE FROM target", 2);
  EXPECT_EQ(Generation(), 3);
}

TEST_F(SpoolDatabaseTest, WhatWasSetAsideIsNotCurrentAndFewAreKept) {
  for (int i = 1; i < 8; ++i) {
    const auto database = Open();
    ASSERT_THAT(database, IsOk());
    EXPECT_EQ((*database)->generation(), i);
    EXPECT_TRUE((*database)->Current());
    ASSERT_THAT((*database)->SetAside(absl::DataLossError("said the test")), IsOk());
    EXPECT_FALSE((*database)->Current());
  }
  int databases = 0;
  for (const auto& file : std::filesystem::directory_iterator(options_.folder)) {
    if (file.path().extension() == ".db") ++databases;
  }
  EXPECT_EQ(databases, 4) << "the present one, and three aside";
}

TEST_F(SpoolDatabaseTest, AFolderThatIsRemovedIsNotCurrent) {
  const auto database = Open();
  ASSERT_THAT(database, IsOk());
  std::filesystem::remove_all(options_.folder);
  EXPECT_FALSE((*database)->Current());
}

}  // namespace
}  // namespace eventlog
