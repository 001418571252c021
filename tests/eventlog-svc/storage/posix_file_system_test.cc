#include "eventlog-svc/storage/posix_file_system.h"

#include <fcntl.h>
#include <unistd.h>

#include <cstdlib>
#include <memory>
#include <string>
#include <vector>

#include "absl/strings/str_cat.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "tests/support/status_matchers.h"

namespace eventlog {
namespace {

using testing::AllOf;
using testing::ElementsAre;
using testing::HasSubstr;

class PosixFileSystemTest : public testing::Test {
 protected:
  PosixFileSystemTest() {
    std::string pattern = absl::StrCat(testing::TempDir(), "/posix-XXXXXX");
    directory_ = mkdtemp(pattern.data());
  }
  std::string Path(const std::string& name) const { return absl::StrCat(directory_, "/", name); }

  PosixFileSystem files_;
  std::string directory_;
};

TEST_F(PosixFileSystemTest, WritesManyPartsOneBehindTheOther) {
  const auto file = files_.Open(Path("f"), OpenMode::kCreate);
  ASSERT_THAT(file, IsOk());
  std::vector<std::string> texts;
  std::string expected;
  for (int i = 0; i < 3000; ++i) texts.push_back(i % 7 == 0 ? "" : absl::StrCat(i, ","));
  for (const std::string& text : texts) expected += text;
  const std::vector<absl::string_view> parts(texts.begin(), texts.end());
  ASSERT_THAT((*file)->Write(5, parts), IsOk());
  ASSERT_THAT((*file)->Sync(), IsOk());
  std::string read(expected.size() + 100, '?');
  EXPECT_THAT((*file)->Read(5, read.size(), read.data()), IsOkAndHolds(expected.size()));
  EXPECT_EQ(expected, read.substr(0, expected.size()));
}

TEST_F(PosixFileSystemTest, AllocatedSpaceIsZeros) {
  const auto file = files_.Open(Path("f"), OpenMode::kCreate);
  ASSERT_THAT((*file)->Allocate(10'000), IsOk());
  EXPECT_THAT((*file)->Size(), IsOkAndHolds(10'000));
  std::string read(10'000, '?');
  ASSERT_THAT((*file)->Read(0, read.size(), read.data()), IsOk());
  EXPECT_EQ(std::string(10'000, '\0'), read);
  ASSERT_THAT((*file)->Truncate(7), IsOk());
  EXPECT_THAT(files_.FileSize(Path("f")), IsOkAndHolds(7));
}

TEST_F(PosixFileSystemTest, FoldersAreMadeListedAndSynced) {
  ASSERT_THAT(files_.CreateDirectories(Path("a/b/c")), IsOk());
  ASSERT_THAT(files_.CreateDirectories(Path("a/b/c")), IsOk());
  ASSERT_THAT(files_.Open(Path("a/b/2"), OpenMode::kCreate), IsOk());
  ASSERT_THAT(files_.Rename(Path("a/b/2"), Path("a/b/1")), IsOk());
  ASSERT_THAT(files_.SyncDirectory(Path("a/b")), IsOk());
  EXPECT_THAT(*files_.List(Path("a/b")), ElementsAre("1", "c"));
  ASSERT_THAT(files_.Remove(Path("a/b/1")), IsOk());
  EXPECT_THAT(*files_.List(Path("a/b")), ElementsAre("c"));
}

TEST_F(PosixFileSystemTest, ALockIsHeldOnceAndLetGo) {
  auto lock = files_.Lock(Path("lock"));
  ASSERT_THAT(lock, IsOk());
  EXPECT_THAT(files_.Lock(Path("lock")), StatusIs(absl::StatusCode::kFailedPrecondition, HasSubstr(Path("lock"))));
  lock->reset();
  EXPECT_THAT(files_.Lock(Path("lock")), IsOk());
}

TEST_F(PosixFileSystemTest, AWithdrawnLockTakesTheFileThatItMadeAndNoOther) {
  auto lock = files_.Lock(Path("lock"));
  ASSERT_THAT(lock, IsOk());
  (*lock)->Withdraw();
  EXPECT_THAT(files_.List(directory_), IsOkAndHolds(ElementsAre()));
  lock->reset();
  ASSERT_THAT(files_.Lock(Path("lock")), IsOk());  // and let go, not withdrawn
  lock = files_.Lock(Path("lock"));
  ASSERT_THAT(lock, IsOk());
  (*lock)->Withdraw();
  EXPECT_THAT(files_.List(directory_), IsOkAndHolds(ElementsAre("lock")));
}

TEST_F(PosixFileSystemTest, ALockIsNeverOfAFileThatIsGone) {
  // What a locker has that opened the file just before it was withdrawn: the next one would lock another file.
  const int gone = open(Path("lock").c_str(), O_RDWR | O_CREAT | O_CLOEXEC, 0600);
  ASSERT_GE(gone, 0);
  ASSERT_THAT(files_.Remove(Path("lock")), IsOk());
  EXPECT_THAT(files_.Lock(absl::StrCat("/proc/self/fd/", gone)), HasReason("STORAGE_FAILED"));
  close(gone);
}

TEST_F(PosixFileSystemTest, FailuresSayWhatAndWhereAndWhy) {
  EXPECT_THAT(
      files_.Open(Path("none"), OpenMode::kRead),
      AllOf(StatusIs(absl::StatusCode::kUnavailable, HasSubstr("none: No such file")), HasReason("STORAGE_FAILED")));
  ASSERT_THAT(files_.Open(Path("file"), OpenMode::kCreate), IsOk());
  EXPECT_THAT(files_.CreateDirectories(Path("file")), HasReason("STORAGE_FAILED"));
  EXPECT_THAT(files_.CreateDirectories(Path("file/below")), HasReason("STORAGE_FAILED"));
}

TEST_F(PosixFileSystemTest, AFolderThatKnowsNoSyncIsToldFromOneWhoseSyncFails) {
  EXPECT_THAT(files_.SyncDirectory("/proc"), StatusIs(absl::StatusCode::kFailedPrecondition, HasSubstr("/proc: ")));
  EXPECT_THAT(files_.SyncDirectory(Path("none")), StatusIs(absl::StatusCode::kUnavailable, HasSubstr("none: ")));
}

TEST_F(PosixFileSystemTest, AFullDeviceIsDiskFull) {
  const auto file = files_.Open("/dev/full", OpenMode::kReadWrite);
  ASSERT_THAT(file, IsOk());
  EXPECT_THAT((*file)->Write(0, {"x"}), AllOf(StatusIs(absl::StatusCode::kResourceExhausted), HasReason("DISK_FULL")));
}

}  // namespace
}  // namespace eventlog
