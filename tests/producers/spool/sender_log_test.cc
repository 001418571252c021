#include "producers/spool/sender_log.h"

#include <unistd.h>

#include <filesystem>
#include <fstream>
#include <iterator>
#include <string>

#include "gtest/gtest.h"
#include "tests/support/status_matchers.h"

namespace eventlog {
namespace {

class SenderLogTest : public testing::Test {
 protected:
  SenderLogTest() : standard_error_(dup(STDERR_FILENO)) {
    folder_ = testing::TempDir() + "/" + testing::UnitTest::GetInstance()->current_test_info()->name();
    std::filesystem::create_directories(folder_);
  }
  ~SenderLogTest() override {
    dup2(standard_error_, STDERR_FILENO);
    close(standard_error_);
  }

  // Without EXPECT: what fails is said on standard error.
  static bool Say(const std::string& text) {
    return write(STDERR_FILENO, text.data(), text.size()) == static_cast<ssize_t>(text.size());
  }
  std::string Read(const std::string& name) const {
    std::ifstream file(folder_ + "/" + name);
    return {(std::istreambuf_iterator<char>(file)), {}};
  }

  std::string folder_;
  const int standard_error_;
};

TEST_F(SenderLogTest, StandardErrorGoesToTheEndOfTheFile) {
  SenderLog log(folder_, 1000);
  const absl::Status redirected = log.Redirect();
  const bool said = Say("one\n");
  const absl::Status again = SenderLog(folder_, 1000).Redirect();
  const bool said_more = Say("two\n");
  dup2(standard_error_, STDERR_FILENO);
  EXPECT_THAT(redirected, IsOk());
  EXPECT_THAT(again, IsOk());
  EXPECT_TRUE(said && said_more);
  EXPECT_EQ("one\ntwo\n", Read(SenderLog::kFileName));
  EXPECT_EQ(std::filesystem::perms::owner_read | std::filesystem::perms::owner_write,
            std::filesystem::status(folder_ + "/" + SenderLog::kFileName).permissions());
}

TEST_F(SenderLogTest, FullFileIsSetAsideOnce) {
  SenderLog log(folder_, 10);
  absl::Status status;
  for (const char* text : {"the first of all\n", "the second of all\n", "3\n", "4\n"}) {
    status.Update(log.Redirect());
    if (!Say(text)) status.Update(absl::InternalError("not written"));
  }
  dup2(standard_error_, STDERR_FILENO);
  EXPECT_THAT(status, IsOk());
  EXPECT_EQ("the second of all\n", Read(SenderLog::kOldFileName));
  EXPECT_EQ("3\n4\n", Read(SenderLog::kFileName));
}

TEST_F(SenderLogTest, FolderThatIsNotThereIsSaidAndLeavesStandardErrorAlone) {
  EXPECT_FALSE(SenderLog(folder_ + "/none", 10).Redirect().ok());
  EXPECT_TRUE(Say(""));
  EXPECT_NE(folder_ + "/none/sender.log", std::filesystem::read_symlink("/proc/self/fd/2"));
}

}  // namespace
}  // namespace eventlog
