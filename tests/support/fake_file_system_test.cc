#include "tests/support/fake_file_system.h"

#include <memory>
#include <string>

#include "absl/status/status.h"
#include "eventlog-svc/storage/file_system.h"
#include "gtest/gtest.h"
#include "tests/support/status_matchers.h"

namespace eventlog {
namespace {

class FakeFileSystemTest : public testing::Test {
 protected:
  FakeFileSystemTest() {
    EXPECT_THAT(files_.CreateDirectories("/d"), IsOk());
    EXPECT_THAT(files_.SyncDirectory("/"), IsOk());
    file_ = *files_.Open("/d/f", OpenMode::kCreate);
    EXPECT_THAT(files_.SyncDirectory("/d"), IsOk());
  }
  // The file after a power cut that keeps nothing that was not synced.
  std::string AfterPowerCut() {
    file_.reset();
    files_.Restart(0);
    return files_.Content("/d/f");
  }

  FakeFileSystem files_;
  std::unique_ptr<File> file_;
};

TEST_F(FakeFileSystemTest, WhatWasCutOffAndSyncedDoesNotComeBack) {
  const std::string bytes(1100, 'x');
  ASSERT_THAT(file_->Write(0, {bytes}), IsOk());
  ASSERT_THAT(file_->Sync(), IsOk());
  ASSERT_THAT(file_->Truncate(700), IsOk());
  ASSERT_THAT(file_->Allocate(1100), IsOk());
  ASSERT_THAT(file_->Sync(), IsOk());
  EXPECT_EQ(std::string(700, 'x') + std::string(400, '\0'), AfterPowerCut());
}

TEST_F(FakeFileSystemTest, WhatIsWrittenAgainAfterAFailedSyncLiesWithinTheFile) {
  const std::string bytes(600, 'x');
  ASSERT_THAT(file_->Write(0, {bytes}), IsOk());
  files_.SetFault([](FakeFileSystem::Operation operation, const std::string&) {
    return operation == FakeFileSystem::Operation::kSync ? absl::UnavailableError("broken") : absl::OkStatus();
  });
  ASSERT_FALSE(file_->Sync().ok());
  files_.SetFault(nullptr);
  ASSERT_THAT(file_->Write(0, {bytes}), IsOk());
  ASSERT_THAT(file_->Sync(), IsOk());
  EXPECT_EQ(bytes, AfterPowerCut());
}

}  // namespace
}  // namespace eventlog
