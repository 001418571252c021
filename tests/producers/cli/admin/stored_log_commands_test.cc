#include "producers/cli/admin/stored_log_commands.h"

#include "gmock/gmock.h"
#include "gtest/gtest.h"

namespace eventlog {
namespace {

using testing::ElementsAre;

const CommandContext kOnATerminal{"127.0.0.1:7", "", false, true};
const CommandContext kOnAPipe{"127.0.0.1:7", "", true, false};

std::vector<std::string> ArgumentsOf(const std::string& name, const CommandContext& context,
                                     const std::vector<std::string>& words) {
  for (const Command* command : StoredLogCommands()) {
    if (command->name != name) continue;
    return AdminArguments(name, context, CommandLine::Parse(words, command->flags()).value(), command->flags());
  }
  ADD_FAILURE() << "there is no command " << name;
  return {};
}

TEST(StoredLogCommandsTest, FlagsArePassedOnAsTheyAre) {
  EXPECT_THAT(ArgumentsOf("restore", kOnATerminal, {"--data_dir", "a b", "--keep_epoch", "--from=/x"}),
              ElementsAre("restore", "--damaged_exit_code=4", "--from=/x", "--data_dir=a b", "--keep_epoch"));
  EXPECT_THAT(ArgumentsOf("dump", kOnATerminal, {"--data_dir=x", "--log=orders"}),
              ElementsAre("dump", "--damaged_exit_code=4", "--data_dir=x", "--log=orders"));
}

TEST(StoredLogCommandsTest, ABackupAsksTheServiceOfTheContext) {
  EXPECT_THAT(ArgumentsOf("backup", kOnATerminal, {"--to=x"}),
              ElementsAre("backup", "--damaged_exit_code=4", "--server=127.0.0.1:7", "--to=x"));
}

TEST(StoredLogCommandsTest, OnAPipeJsonIsAskedFor) {
  EXPECT_THAT(ArgumentsOf("restore", kOnAPipe, {}), ElementsAre("restore", "--damaged_exit_code=4", "--json"));
  EXPECT_THAT(ArgumentsOf("dump", kOnAPipe, {}), ElementsAre("dump", "--damaged_exit_code=4"));
}

}  // namespace
}  // namespace eventlog
