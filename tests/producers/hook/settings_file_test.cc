#include "producers/hook/settings_file.h"

#include <sys/stat.h>
#include <unistd.h>

#include <filesystem>
#include <fstream>
#include <iterator>
#include <string>

#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "tests/support/status_matchers.h"

namespace eventlog {
namespace {

namespace fs = std::filesystem;

class SettingsFileTest : public testing::Test {
 protected:
  SettingsFileTest()
      : folder_(testing::TempDir() + "/" + testing::UnitTest::GetInstance()->current_test_info()->name()),
        path_(folder_ + "/settings.json") {
    fs::create_directories(folder_);
  }

  static void Write(const std::string& path, const std::string& text) { std::ofstream(path) << text; }
  static std::string Read(const std::string& path) {
    std::ifstream file(path);
    return {(std::istreambuf_iterator<char>(file)), {}};
  }
  static mode_t Mode(const std::string& path) {
    struct stat status;
    return stat(path.c_str(), &status) == 0 ? status.st_mode & 07777 : 0;
  }
  size_t FilesInFolder() const {
    return static_cast<size_t>(std::distance(fs::directory_iterator(folder_), fs::directory_iterator()));
  }

  const std::string folder_;
  const std::string path_;
};

TEST_F(SettingsFileTest, FileIsReplacedWithItsMode) {
  Write(path_, "before");
  ASSERT_EQ(0, chmod(path_.c_str(), 0640));
  const absl::StatusOr<SettingsFile> file = SettingsFile::Read(path_);
  ASSERT_THAT(file, IsOk());
  EXPECT_EQ("before", file->text());
  EXPECT_THAT(file->Replace("after"), IsOk());
  EXPECT_EQ("after", Read(path_));
  EXPECT_EQ(0640u, Mode(path_));
  EXPECT_EQ(1u, FilesInFolder());
}

TEST_F(SettingsFileTest, LinksStayAndWhatTheyNameIsReplaced) {
  fs::create_directories(folder_ + "/real");
  Write(folder_ + "/real/file", "before");
  fs::create_symlink("real/file", folder_ + "/middle");
  fs::create_symlink(folder_ + "/middle", path_);
  const absl::StatusOr<SettingsFile> file = SettingsFile::Read(path_);
  ASSERT_THAT(file, IsOk());
  EXPECT_THAT(file->Replace("after"), IsOk());
  EXPECT_TRUE(fs::is_symlink(path_) && fs::is_symlink(folder_ + "/middle"));
  EXPECT_EQ("after", Read(folder_ + "/real/file"));
}

TEST_F(SettingsFileTest, LinkToNothingYetIsFollowedToo) {
  fs::create_symlink("later/file", path_);
  const absl::StatusOr<SettingsFile> file = SettingsFile::Read(path_);
  ASSERT_THAT(file, IsOk());
  EXPECT_EQ(std::nullopt, file->text());
  EXPECT_THAT(file->Replace("new"), IsOk());
  EXPECT_EQ("new", Read(folder_ + "/later/file"));
  EXPECT_TRUE(fs::is_symlink(path_));
}

TEST_F(SettingsFileTest, NewFileAndItsFolderAreMade) {
  const std::string path = folder_ + "/a/b/settings.json";
  const absl::StatusOr<SettingsFile> file = SettingsFile::Read(path);
  ASSERT_THAT(file, IsOk());
  EXPECT_EQ(std::nullopt, file->text());
  EXPECT_THAT(file->Replace("new"), IsOk());
  EXPECT_EQ("new", Read(path));
  EXPECT_EQ(0600u, Mode(path));
}

TEST_F(SettingsFileTest, WhatSomebodyElseWroteMeanwhileStays) {
  Write(path_, "before");
  const absl::StatusOr<SettingsFile> file = SettingsFile::Read(path_);
  ASSERT_THAT(file, IsOk());
  Write(path_, "theirs");
  EXPECT_THAT(file->Replace("ours"), StatusIs(absl::StatusCode::kAborted));
  EXPECT_EQ("theirs", Read(path_));
  EXPECT_EQ(1u, FilesInFolder());
}

TEST_F(SettingsFileTest, WhatIsNoFileIsRefused) {
  EXPECT_THAT(SettingsFile::Read(folder_), StatusIs(absl::StatusCode::kInvalidArgument));
  ASSERT_EQ(0, mkfifo(path_.c_str(), 0600));
  EXPECT_THAT(SettingsFile::Read(path_), StatusIs(absl::StatusCode::kInvalidArgument));
  fs::create_symlink("round", folder_ + "/round");
  EXPECT_THAT(SettingsFile::Read(folder_ + "/round"), StatusIs(absl::StatusCode::kInvalidArgument));
  Write(folder_ + "/large", std::string(SettingsFile::kBytesMax + 1, 'x'));
  EXPECT_THAT(SettingsFile::Read(folder_ + "/large"), StatusIs(absl::StatusCode::kInvalidArgument));
}

}  // namespace
}  // namespace eventlog
