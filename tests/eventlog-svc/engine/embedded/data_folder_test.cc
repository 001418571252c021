#include "eventlog-svc/engine/embedded/data_folder.h"

#include <string>
#include <vector>

#include "eventlog-svc/engine/log_name.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "tests/support/fake_file_system.h"
#include "tests/support/status_matchers.h"

namespace eventlog {
namespace {

using testing::ElementsAre;

class DataFolderTest : public testing::Test {
 protected:
  void MakeLog(const std::string& folder, const std::vector<std::string>& names) {
    EXPECT_THAT(files_.CreateDirectories(folder), IsOk());
    for (const std::string& name : names) files_.SetContent(folder + "/" + name, "x");
  }

  FakeFileSystem files_;
  const DataFolder data_{files_, "/srv/data"};
};

TEST_F(DataFolderTest, LogsAreWhatHasASegmentAndIsNotDeleted) {
  const std::string segment = "00000000000000000000.log";
  MakeLog(data_.LogFolder("orders"), {segment});
  MakeLog(data_.LogFolder("events"), {"00000000000000000000.index", segment});
  MakeLog(data_.LogFolder("deleted-one"), {kDeletedMark, segment});
  MakeLog(data_.LogFolder("begun"), {"00000000000000000000.log.new"});
  MakeLog(data_.LogFolder("No Log"), {segment});
  MakeLog(data_.UnfinishedFolder("visits"), {segment});
  EXPECT_THAT(data_.FindLogs(), IsOkAndHolds(ElementsAre("events", "orders")));
}

TEST_F(DataFolderTest, AFolderThatIsNotThereIsAnError) { EXPECT_FALSE(data_.FindLogs().ok()); }

TEST_F(DataFolderTest, AnUnfinishedFolderHasNoLogsName) {
  const std::string path = data_.UnfinishedFolder("events");
  EXPECT_EQ(0u, path.find(data_.LogsFolder() + "/"));
  EXPECT_FALSE(CheckLogName(path.substr(data_.LogsFolder().size() + 1)).ok());
}

TEST_F(DataFolderTest, OneAtATimeHoldsTheLock) {
  auto lock = data_.Lock();
  ASSERT_THAT(lock, IsOk());
  EXPECT_THAT(DataFolder(files_, "/srv/data").Lock(), StatusIs(absl::StatusCode::kFailedPrecondition));
  lock->reset();
  EXPECT_THAT(data_.Lock(), IsOk());
}

TEST_F(DataFolderTest, AfterSyncTheFoldersSurviveAPowerCut) {
  ASSERT_THAT(files_.CreateDirectories(data_.LogFolder("orders")), IsOk());
  ASSERT_THAT(data_.Sync(), IsOk());
  files_.Restart(0);
  EXPECT_THAT(files_.List(data_.LogsFolder()), IsOkAndHolds(ElementsAre("orders")));
}

TEST_F(DataFolderTest, AFolderAboveMayBeNotOursButItsSyncMayNotFail) {
  ASSERT_THAT(files_.CreateDirectories(data_.LogsFolder()), IsOk());
  std::string failing = "/srv";
  absl::Status failure = absl::FailedPreconditionError("not ours");
  files_.SetFault(
      [&](FakeFileSystem::Operation, const std::string& path) { return path == failing ? failure : absl::OkStatus(); });
  EXPECT_THAT(data_.Sync(), IsOk());
  failure = absl::UnavailableError("an I/O error");
  EXPECT_FALSE(data_.Sync().ok());
  failing = "/srv/data";
  EXPECT_FALSE(data_.Sync().ok());
}

}  // namespace
}  // namespace eventlog
