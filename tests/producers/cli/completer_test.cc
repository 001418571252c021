#include "producers/cli/completer.h"

#include <string>
#include <vector>

#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "producers/cli/exit_code.h"

namespace eventlog {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;

const std::vector<FlagSpec>& Flags() {
  static const auto* const flags = new std::vector<FlagSpec>{{"log", "NAME", "the log"},
                                                             {"type", "TYPE", "types", true},
                                                             {"all", "", "all"},
                                                             {"file", "PATH", "a file"},
                                                             {"count", "N", "how many", false, 'n'}};
  return *flags;
}
const std::vector<FlagSpec>& NoFlags() {
  static const auto* const flags = new std::vector<FlagSpec>();
  return *flags;
}

const std::vector<FlagSpec>& LongFlags() {
  static const auto* const flags = new std::vector<FlagSpec>{{"data_dir_mode", "MODE", "how"}};
  return *flags;
}

ExitCode RunNothing(const CommandContext&, const CommandLine&) { return kExitOk; }

class CompleterTest : public testing::Test {
 protected:
  std::vector<std::string> Complete(const std::vector<std::string>& words) {
    static constexpr Command kTail = {"tail", "", "Follow", "", "", Flags, RunNothing};
    static constexpr Command kCreate = {"logs create", "LOG", "Make", "", "", NoFlags, RunNothing};
    static constexpr Command kList = {"logs list", "", "List", "", "", NoFlags, RunNothing};
    static constexpr Command kShell = {"shell", "bash|zsh", "Shell", "", "", NoFlags, RunNothing};
    static constexpr Command kDump = {"dump", "PATH", "Dump", "", "", LongFlags, RunNothing};
    static constexpr Command kHook = {"hook", "", "Hook", "", "", Flags, RunNothing};
    static constexpr Command kInstall = {"hook install", "", "Install", "", "", NoFlags, RunNothing};
    const std::vector<const Command*> commands = {&kTail, &kCreate, &kList, &kShell, &kDump, &kHook, &kInstall};
    const std::vector<FlagSpec> global = {
        {"server", "HOST", "where"}, {"color", "auto|never", "colour"}, {"help", "", "help", false, 'h'}};
    Completer completer(commands, global, [this](const std::string& server) {
      asked_ = "asked " + server;
      return std::vector<std::string>{"events", "orders"};
    });
    const Completions found = completer.Complete(words);
    files_ = found.files;
    std::vector<std::string> names;
    for (const auto& candidate : found.candidates) names.push_back(candidate.word);
    return names;
  }

  bool files_ = false;
  std::string asked_;
};

TEST_F(CompleterTest, Commands) {
  EXPECT_THAT(Complete({""}), ElementsAre("tail", "logs", "shell", "dump", "hook"));
  EXPECT_THAT(Complete({"l"}), ElementsAre("logs"));
  EXPECT_THAT(Complete({"logs", ""}), ElementsAre("create", "list"));
  EXPECT_THAT(Complete({"logs", "l"}), ElementsAre("list"));
  EXPECT_THAT(Complete({"--server=x", "t"}), ElementsAre("tail"));
  EXPECT_THAT(Complete({"--server", "x", "t"}), ElementsAre("tail"));
  EXPECT_THAT(Complete({"help", "t"}), ElementsAre("tail"));
  EXPECT_THAT(Complete({"nothing", ""}), IsEmpty());
  EXPECT_THAT(Complete({}), ElementsAre("tail", "logs", "shell", "dump", "hook"));
}

TEST_F(CompleterTest, ACommandMayBeAGroupToo) {
  EXPECT_THAT(Complete({"hook", ""}), ElementsAre("install"));
  EXPECT_THAT(Complete({"hook", "--al"}), ElementsAre("--all"));
  EXPECT_THAT(Complete({"hook", "install", "--"}), ElementsAre("--server=", "--color=", "--help"));
}

TEST_F(CompleterTest, FlagsOfTheCommandAndOfAll) {
  EXPECT_THAT(Complete({"--"}), ElementsAre("--server=", "--color=", "--help"));
  EXPECT_THAT(Complete({"tail", "--"}),
              ElementsAre("--log=", "--type=", "--all", "--file=", "--count=", "--server=", "--color=", "--help"));
  EXPECT_THAT(Complete({"tail", "--c"}), ElementsAre("--count=", "--color="));
  // What is given is not offered again, unless it may be.
  EXPECT_THAT(Complete({"tail", "--all", "--type=x", "--log", "y", "-"}),
              ElementsAre("--type=", "--file=", "--count=", "--server=", "--color=", "--help"));
}

TEST_F(CompleterTest, HyphensOfANameStayAsTheyAreWritten) {
  EXPECT_THAT(Complete({"dump", "--data_d"}), ElementsAre("--data_dir_mode="));
  EXPECT_THAT(Complete({"dump", "--data-d"}), ElementsAre("--data-dir_mode="));
  EXPECT_THAT(Complete({"dump", "--data_dir-"}), ElementsAre("--data_dir-mode="));
  EXPECT_THAT(Complete({"dump", "--data-x"}), IsEmpty());
}

TEST_F(CompleterTest, ValuesInBothForms) {
  EXPECT_THAT(Complete({"tail", "--color="}), ElementsAre("--color=auto", "--color=never"));
  EXPECT_THAT(Complete({"tail", "--color=n"}), ElementsAre("--color=never"));
  EXPECT_THAT(Complete({"tail", "--color", "n"}), ElementsAre("never"));
  EXPECT_THAT(Complete({"tail", "-n", ""}), IsEmpty());
  EXPECT_THAT(Complete({"tail", "--file="}), IsEmpty());
  EXPECT_TRUE(files_);
  EXPECT_THAT(Complete({"tail", "--type="}), IsEmpty());
  EXPECT_FALSE(files_);
}

TEST_F(CompleterTest, NamesOfLogsAreAskedOfTheServiceThatTheLineNames) {
  EXPECT_THAT(Complete({"tail", "--log="}), ElementsAre("--log=events", "--log=orders"));
  EXPECT_EQ(asked_, "asked ");
  EXPECT_THAT(Complete({"--server=a:1", "tail", "--log", "o"}), ElementsAre("orders"));
  EXPECT_EQ(asked_, "asked a:1");
  EXPECT_THAT(Complete({"--server", "b:2", "logs", "create", ""}), ElementsAre("events", "orders"));
  EXPECT_EQ(asked_, "asked b:2");
  asked_.clear();
  Complete({"tail", "--"});
  EXPECT_EQ(asked_, "");
}

TEST_F(CompleterTest, WordsOfTheCommand) {
  EXPECT_THAT(Complete({"shell", ""}), ElementsAre("bash", "zsh"));
  EXPECT_THAT(Complete({"tail", ""}), IsEmpty());
  Complete({"dump", "x"});
  EXPECT_TRUE(files_);
  Complete({"tail", "--", "-"});
  EXPECT_TRUE(files_);
}

}  // namespace
}  // namespace eventlog
