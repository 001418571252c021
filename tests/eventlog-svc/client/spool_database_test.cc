#include "eventlog-svc/client/spool_database.h"

#include <sys/stat.h>
#include <unistd.h>

#include <filesystem>
#include <fstream>
#include <memory>
#include <string>

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
  Change("PRAGMA user_version = 2");
  EXPECT_THAT(Open(), StatusIs(absl::StatusCode::kFailedPrecondition,
                               AllOf(HasSubstr("schema version 2"), HasSubstr("up to 1"))));
  Change("PRAGMA user_version = 1");
  EXPECT_EQ(Generation(), 1);
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
