#include "producers/cli/admin/admin_program.h"

#include <filesystem>
#include <fstream>

#include "absl/strings/str_cat.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "tests/support/status_matchers.h"

namespace eventlog {
namespace {

using testing::HasSubstr;

class AdminProgramTest : public testing::Test {
 protected:
  AdminProgramTest()
      : folder_(absl::StrCat(testing::TempDir(), "/", testing::UnitTest::GetInstance()->current_test_info()->name())) {}

  // A program, or a file that is none.
  std::string Put(const std::string& path, bool executable = true) {
    const std::filesystem::path whole = folder_ + "/" + path;
    std::filesystem::create_directories(whole.parent_path());
    EXPECT_TRUE(std::ofstream(whole).flush().good());
    if (executable) std::filesystem::permissions(whole, std::filesystem::perms::owner_all);
    return whole;
  }

  const std::string folder_;
};

TEST_F(AdminProgramTest, TheOneBesideIsTakenBeforeAnyOther) {
  const std::string beside = Put("bin/eventlog-admin");
  Put("bin/eventlog.runfiles/eventlog/eventlog-svc/tool/eventlog-admin");
  Put("other/eventlog-admin");
  EXPECT_THAT(FindAdminProgram(folder_ + "/bin/eventlog", folder_ + "/other"), IsOkAndHolds(beside));
}

TEST_F(AdminProgramTest, RunfilesAndBazelsOutputAreLookedInto) {
  const std::string runfile = Put("a/eventlog.runfiles/eventlog/eventlog-svc/tool/eventlog-admin");
  EXPECT_THAT(FindAdminProgram(folder_ + "/a/eventlog", ""), IsOkAndHolds(runfile));
  Put("eventlog-svc/tool/eventlog-admin");
  Put("producers/cli/eventlog");
  const auto output = FindAdminProgram(folder_ + "/producers/cli/eventlog", "");
  ASSERT_THAT(output, IsOk());
  EXPECT_TRUE(std::filesystem::equivalent(*output, folder_ + "/eventlog-svc/tool/eventlog-admin"));
}

TEST_F(AdminProgramTest, PathIsLookedThroughForAProgram) {
  Put("one/eventlog-admin", /*executable=*/false);
  const std::string found = Put("two/eventlog-admin");
  EXPECT_THAT(FindAdminProgram(folder_ + "/bin/eventlog", absl::StrCat(folder_, "/one:", folder_, "/two")),
              IsOkAndHolds(found));
}

TEST_F(AdminProgramTest, WhereThereIsNoneItIsSaidWhereItBelongs) {
  EXPECT_THAT(
      FindAdminProgram(folder_ + "/bin/eventlog", folder_),
      StatusIs(absl::StatusCode::kNotFound,
               HasSubstr(absl::StrCat("is neither in ", folder_, "/bin nor in PATH; right is to put it beside"))));
}

TEST_F(AdminProgramTest, ThisProcessBecomesTheProgramWithItsArguments) {
  const std::string script = Put("bin/eventlog-admin");
  std::ofstream(script) << "#!/bin/sh\nprintf '<%s>' \"$@\" >&2\nexit 4\n";
  EXPECT_EXIT(
      {
        setenv("PATH", (folder_ + "/bin").c_str(), 1);
        EXPECT_THAT(BecomeAdminProgram({"verify", "--data_dir=a b"}), IsOk());
      },
      testing::ExitedWithCode(4), "<verify><--data_dir=a b>");
}

}  // namespace
}  // namespace eventlog
