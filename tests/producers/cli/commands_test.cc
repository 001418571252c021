#include "producers/cli/commands.h"

#include <set>
#include <string>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "producers/cli/command_line.h"
#include "producers/cli/dispatcher.h"

namespace eventlog {
namespace {

using testing::HasSubstr;

std::set<std::string> FlagNames(const std::vector<FlagSpec>& flags) {
  std::set<std::string> names;
  for (const FlagSpec& flag : flags) {
    EXPECT_TRUE(names.emplace(flag.name).second) << flag.name << " is there twice";
    EXPECT_FALSE(flag.help.empty()) << flag.name;
  }
  return names;
}

TEST(CommandsTest, EachHasItsOwnNameAndSaysWhatItDoes) {
  std::set<std::string> names;
  for (const Command* command : AllCommands()) {
    EXPECT_TRUE(names.emplace(command->name).second) << command->name;
    EXPECT_FALSE(command->summary.empty()) << command->name;
    EXPECT_FALSE(command->examples.empty()) << command->name;
    EXPECT_NE(command->run, nullptr) << command->name;
    const std::vector<std::string> words = absl::StrSplit(command->name, ' ');
    EXPECT_LE(words.size(), 2U) << command->name;
  }
  for (const std::string& name : names) {
    const std::vector<std::string> words = absl::StrSplit(name, ' ');
    EXPECT_TRUE(words.size() == 1 || names.count(words[0]) == 0) << words[0] << " is a group and a command";
  }
}

TEST(CommandsTest, HelpNamesEveryFlagAndTheExitCodes) {
  for (const Command* command : AllCommands()) {
    const std::string help = CommandHelp(*command);
    std::set<std::string> flags = FlagNames(command->flags());
    for (const std::string& global : FlagNames(GlobalFlags())) flags.insert(global);
    for (const std::string& flag : flags) EXPECT_THAT(help, HasSubstr(absl::StrCat("--", flag))) << command->name;
    EXPECT_THAT(help, HasSubstr(command->name));
    EXPECT_THAT(help, HasSubstr("Exit codes: 0"));
    for (absl::string_view line : absl::StrSplit(help, '\n')) EXPECT_LE(line.size(), 140U) << line;
  }
}

}  // namespace
}  // namespace eventlog
