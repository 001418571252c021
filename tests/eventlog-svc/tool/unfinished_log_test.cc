#include "eventlog-svc/tool/unfinished_log.h"

#include <memory>
#include <string>
#include <utility>

#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "tests/support/fake_file_system.h"
#include "tests/support/status_matchers.h"

namespace eventlog {
namespace {

using testing::AllOf;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;

class UnfinishedLogTest : public testing::Test {
 protected:
  void WriteFile(const std::string& path) {
    const auto file = files_.Open(path, OpenMode::kCreate);
    ASSERT_THAT(file, IsOk());
    ASSERT_THAT((*file)->Write(0, {"content"}), IsOk());
    ASSERT_THAT((*file)->Sync(), IsOk());
  }

  FakeFileSystem files_;
  const DataFolder data_{files_, "/data"};
};

TEST_F(UnfinishedLogTest, AFinishedLogHasItsNameAlsoAfterAPowerCut) {
  {
    const auto log = UnfinishedLog::Create(data_, "orders");
    ASSERT_THAT(log, IsOk());
    WriteFile((*log)->folder() + "/00000000000000000000.log");
    EXPECT_THAT(data_.FindLogs(), IsOkAndHolds(IsEmpty()));
    ASSERT_THAT((*log)->Finish(), IsOk());
  }
  files_.Restart(0);
  EXPECT_THAT(data_.FindLogs(), IsOkAndHolds(ElementsAre("orders")));
  EXPECT_EQ("content", files_.Content("/data/logs/orders/00000000000000000000.log"));
}

TEST_F(UnfinishedLogTest, OneThatIsNotFinishedLeavesNothing) {
  {
    const auto log = UnfinishedLog::Create(data_, "orders");
    ASSERT_THAT(log, IsOk());
    WriteFile((*log)->folder() + "/00000000000000000000.log");
  }
  EXPECT_THAT(files_.List("/data/logs"), IsOkAndHolds(IsEmpty()));
}

TEST_F(UnfinishedLogTest, TheRestOfAnEarlierAttemptDoesNotBecomePartOfIt) {
  ASSERT_THAT(files_.CreateDirectories("/data/logs/.orders.unfinished"), IsOk());
  WriteFile("/data/logs/.orders.unfinished/00000000000000000007.log");
  const auto log = UnfinishedLog::Create(data_, "orders");
  ASSERT_THAT(log, IsOk());
  EXPECT_EQ("/data/logs/.orders.unfinished", (*log)->folder());
  EXPECT_THAT(files_.List((*log)->folder()), IsOkAndHolds(IsEmpty()));
}

TEST_F(UnfinishedLogTest, AnyFolderOfThatNameIsInTheWay) {
  EXPECT_THAT(UnfinishedLog::CheckIsFree(data_, "orders"), IsOk());
  ASSERT_THAT(files_.CreateDirectories("/data/logs/orders"), IsOk());
  for (const absl::Status& status :
       {UnfinishedLog::CheckIsFree(data_, "orders"), UnfinishedLog::Create(data_, "orders").status()}) {
    EXPECT_THAT(status,
                AllOf(StatusIs(absl::StatusCode::kAlreadyExists, HasSubstr("move /data/logs/orders out of /data/logs")),
                      HasReason("LOG_EXISTS")));
  }
  EXPECT_THAT(files_.List("/data/logs"), IsOkAndHolds(ElementsAre("orders")));
}

TEST_F(UnfinishedLogTest, ANameThatCouldNotBeSyncedIsSaid) {
  const auto log = UnfinishedLog::Create(data_, "orders");
  ASSERT_THAT(log, IsOk());
  files_.SetFault([](FakeFileSystem::Operation operation, const std::string& path) {
    const bool fails = operation == FakeFileSystem::Operation::kSyncDirectory && path == "/data/logs";
    return fails ? absl::UnavailableError("bad sector") : absl::OkStatus();
  });
  EXPECT_THAT((*log)->Finish(), StatusIs(absl::StatusCode::kUnavailable,
                                         AllOf(HasSubstr("bad sector"), HasSubstr("a power cut may take it"))));
}

TEST_F(UnfinishedLogTest, ALogWithoutASegmentIsNone) {
  const auto log = UnfinishedLog::Create(data_, "orders");
  ASSERT_THAT(log, IsOk());
  EXPECT_THAT((*log)->Verify(nullptr), AllOf(StatusIs(absl::StatusCode::kDataLoss), HasReason("DATA_CORRUPT")));
}

}  // namespace
}  // namespace eventlog
