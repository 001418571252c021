#include "producers/hook/settings_command.h"

#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <string>
#include <vector>

#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "producers/cli/dispatcher.h"

namespace eventlog {
namespace {

namespace fs = std::filesystem;
using testing::HasSubstr;

// The program that is installed is this one, which has another name. The rest is tests/e2e/hook_install_test.py.
class SettingsCommandTest : public testing::Test {
 protected:
  SettingsCommandTest()
      : folder_(testing::TempDir() + "/" + testing::UnitTest::GetInstance()->current_test_info()->name()) {
    fs::create_directories(folder_ + "/.claude");
    setenv("HOME", folder_.c_str(), 1);
    unsetenv("CLAUDE_CONFIG_DIR");
  }

  ExitCode Run(const Command& command, const std::vector<std::string>& arguments, bool json = false) {
    testing::internal::CaptureStdout();
    testing::internal::CaptureStderr();
    const ExitCode code = RunCommand(command, {"127.0.0.1:7431", "", json, false}, arguments);
    out_ = testing::internal::GetCapturedStdout();
    error_ = testing::internal::GetCapturedStderr();
    return code;
  }
  std::string Write(const std::string& name, const std::string& text) const {
    std::ofstream(folder_ + "/" + name) << text;
    return folder_ + "/" + name;
  }
  static std::string Read(const std::string& path) {
    std::ifstream file(path);
    return {(std::istreambuf_iterator<char>(file)), {}};
  }

  const std::string folder_;
  std::string out_, error_;
};

constexpr char kInstalled[] =
    "{\n  \"a\": 1,\n  \"hooks\": {\"Stop\": [{\"hooks\": [{\"type\": \"command\", \"command\": \"x/eventlog "
    "hook\"}]}]}\n}\n";
constexpr char kUninstalled[] = "{\n  \"a\": 1\n}\n";

TEST_F(SettingsCommandTest, ProgramOfAnotherNameIsNotInstalled) {
  EXPECT_EQ(kExitRefused, Run(HookInstallCommand(), {}));
  EXPECT_THAT(error_, HasSubstr("eventlog hook install: "));
  EXPECT_THAT(error_, HasSubstr("must have the name eventlog"));
  EXPECT_FALSE(fs::exists(folder_ + "/.claude/settings.json"));
}

TEST_F(SettingsCommandTest, UninstallTakesTheUsersFile) {
  const std::string path = Write(".claude/settings.json", kInstalled);
  EXPECT_EQ(kExitOk, Run(HookUninstallCommand(), {}));
  EXPECT_EQ(kUninstalled, Read(path));
  EXPECT_EQ(path + " is changed\n", out_);
  EXPECT_EQ(kExitOk, Run(HookUninstallCommand(), {}, true));
  EXPECT_EQ("{\"settings\":\"" + path + "\",\"changed\":false}\n", out_);
}

TEST_F(SettingsCommandTest, FolderOfTheAgentIsFromTheEnvironment) {
  fs::create_directories(folder_ + "/other");
  const std::string path = Write("other/settings.json", kInstalled);
  setenv("CLAUDE_CONFIG_DIR", (folder_ + "/other").c_str(), 1);
  EXPECT_EQ(kExitOk, Run(HookUninstallCommand(), {}));
  EXPECT_EQ(kUninstalled, Read(path));
}

TEST_F(SettingsCommandTest, DryRunShowsTheDifferenceAndChangesNothing) {
  const std::string path = Write("mine.json", kInstalled);
  EXPECT_EQ(kExitOk, Run(HookUninstallCommand(), {"--settings=" + path, "--dry_run"}));
  EXPECT_EQ(kInstalled, Read(path));
  EXPECT_THAT(out_, HasSubstr(path + " would be changed:\n"));
  EXPECT_THAT(out_, HasSubstr("\n-  \"hooks\": {"));
  EXPECT_EQ(kExitOk, Run(HookUninstallCommand(), {"--settings=" + path, "--dry_run"}, true));
  EXPECT_THAT(out_, HasSubstr("\"changed\":false,\"diff\":\""));
}

TEST_F(SettingsCommandTest, NothingIsMadeWhereThereIsNothingToTakeOut) {
  EXPECT_EQ(kExitOk, Run(HookUninstallCommand(), {}));
  EXPECT_FALSE(fs::exists(folder_ + "/.claude/settings.json"));
}

TEST_F(SettingsCommandTest, MalformedFileIsLeftAsItWas) {
  const std::string path = Write("mine.json", "{\n  \"a\": 1,\n}\n");
  EXPECT_EQ(kExitRefused, Run(HookUninstallCommand(), {"--settings=" + path}));
  EXPECT_EQ("{\n  \"a\": 1,\n}\n", Read(path));
  EXPECT_THAT(error_, HasSubstr(path + ": line 3, column 1: "));
  EXPECT_THAT(error_, HasSubstr("left as it was"));
}

TEST_F(SettingsCommandTest, WrongCommandLinesAreUsage) {
  EXPECT_EQ(kExitUsage, Run(HookUninstallCommand(), {"--settings=x", "--project"}));
  EXPECT_EQ(kExitUsage, Run(HookUninstallCommand(), {"--all"}));
  EXPECT_EQ(kExitUsage, Run(HookInstallCommand(), {"--timeout_s=0"}));
  EXPECT_EQ(kExitUsage, Run(HookInstallCommand(), {"--timeout_s=3601"}));
  unsetenv("HOME");
  EXPECT_EQ(kExitUsage, Run(HookUninstallCommand(), {}));
  EXPECT_THAT(error_, HasSubstr("HOME is not set"));
}

}  // namespace
}  // namespace eventlog
