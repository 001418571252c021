#include "producers/cli/commands.h"

#include <algorithm>
#include <cstddef>
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
  // It takes no words of its own, so that the second word can only be a command.
  const std::set<std::string> both = {"hook"};
  for (const Command* command : AllCommands()) {
    EXPECT_TRUE(command->words.empty() || both.count(std::string(command->name)) == 0) << command->name;
  }
  for (const std::string& name : names) {
    const std::vector<std::string> words = absl::StrSplit(name, ' ');
    EXPECT_TRUE(words.size() == 1 || names.count(words[0]) == both.count(words[0]))
        << words[0] << " is a group and a command";
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

TEST(CommandsTest, ExitCodesAreThoseOfTheCommand) {
  const std::set<std::string> reads_stored_logs = {"dump", "backup", "restore", "verify"};
  const std::set<std::string> waits_for_no_service = {"completion", "hook", "hook install", "hook uninstall",
                                                      "hook status"};
  for (const Command* command : AllCommands()) {
    const std::string name(command->name);
    EXPECT_EQ(absl::StrContains(command->exit_codes, "4 done, "), reads_stored_logs.count(name) > 0) << name;
    EXPECT_EQ(!absl::StrContains(command->exit_codes, " 3 "), waits_for_no_service.count(name) > 0) << name;
  }
}

// The words of a command line as a shell takes them apart; only what our examples use of its language.
std::vector<std::string> ShellWords(absl::string_view text) {
  std::vector<std::string> words(1);
  bool quoted = false;
  for (const char c : text) {
    if (c == '\'') {
      quoted = !quoted;
    } else if (!quoted && (c == ' ' || c == ')')) {
      if (!words.back().empty()) words.emplace_back();
    } else {
      words.back().push_back(c);
    }
  }
  EXPECT_FALSE(quoted) << text;
  if (words.back().empty()) words.pop_back();
  return words;
}

// Each "eventlog ..." of the examples, without what comes behind it in a pipe or goes into a file.
std::vector<std::vector<std::string>> ExampleLines(absl::string_view examples) {
  std::vector<std::vector<std::string>> lines;
  for (absl::string_view line : absl::StrSplit(examples, '\n')) {
    if (absl::StartsWith(line, "      ")) continue;  // what it is for
    std::vector<std::string> words;
    for (const std::string& word : ShellWords(line)) {
      if (word == "eventlog" || word == "<(eventlog") {
        lines.emplace_back();
        words.push_back(word);
      } else if (word == "|" || word == "<" || word == ">" || word == "&&") {
        words.clear();
      } else if (!words.empty()) {
        lines.back().push_back(word);
      }
    }
  }
  return lines;
}

TEST(CommandsTest, ExamplesAreCommandLinesThatAreRight) {
  for (const Command* command : AllCommands()) {
    bool is_shown = false;
    for (const std::vector<std::string>& words : ExampleLines(command->examples)) {
      size_t used = 0;
      ASSERT_TRUE(CommandLine::ParseLeading(words, GlobalFlags(), used).ok());
      const Command* shown = nullptr;
      size_t named = 0;
      for (const Command* other : AllCommands()) {
        const std::vector<std::string> name = absl::StrSplit(other->name, ' ');
        // "hook" is the beginning of "hook status".
        if (name.size() > named && words.size() >= used + name.size() &&
            std::equal(name.begin(), name.end(), words.begin() + static_cast<std::ptrdiff_t>(used))) {
          shown = other;
          named = name.size();
        }
      }
      used += named;
      ASSERT_NE(shown, nullptr) << testing::PrintToString(words);
      is_shown = is_shown || shown == command;
      std::vector<FlagSpec> flags = shown->flags();
      flags.insert(flags.end(), GlobalFlags().begin(), GlobalFlags().end());
      const auto line = CommandLine::Parse({words.begin() + static_cast<std::ptrdiff_t>(used), words.end()}, flags);
      EXPECT_TRUE(line.ok()) << testing::PrintToString(words) << line.status();
      EXPECT_TRUE(!line.ok() || line->words().empty() || !shown->words.empty()) << testing::PrintToString(words);
    }
    EXPECT_TRUE(is_shown) << command->name << " has no example of itself";
  }
}

}  // namespace
}  // namespace eventlog
