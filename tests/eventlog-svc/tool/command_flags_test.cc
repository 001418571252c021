#include "eventlog-svc/tool/command_flags.h"

#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "tests/support/status_matchers.h"

namespace eventlog {
namespace {

const std::vector<CommandFlags>& Commands() {
  static const auto* const commands = new std::vector<CommandFlags>{
      {"look", {"data_dir", "log"}}, {"copy", {"from", "to", "keep_epoch"}}, {"ask", {"notify"}}};
  return *commands;
}

absl::Status Check(const std::string& command, const std::vector<std::string>& arguments) {
  return CheckCommandFlags(Commands(), command, arguments);
}

TEST(CommandFlagsTest, ItsOwnFlagsAndThoseOfNoCommandPass) {
  EXPECT_THAT(Check("look", {"--data_dir=x", "--log", "y", "-log=z", "--undefok=a", "--from-here"}), IsOk());
  EXPECT_THAT(Check("copy", {"--nokeep_epoch", "--keep_epoch"}), IsOk());
  EXPECT_THAT(Check("ask", {"--notify", "--nonotify"}), IsOk());
}

TEST(CommandFlagsTest, AFlagOfAnotherCommandIsRefusedInAnyForm) {
  for (const char* const argument : {"--keep_epoch", "--nokeep_epoch", "-keep_epoch", "--keep_epoch=true"}) {
    const absl::Status status = Check("look", {"--log=a", argument});
    EXPECT_TRUE(absl::IsInvalidArgument(status)) << argument;
    EXPECT_EQ(status.message(), "look takes no --keep_epoch; right is --data_dir and --log; see --help") << argument;
  }
  EXPECT_EQ(Check("ask", {"--to", "x"}).message(), "ask takes no --to; right is --notify; see --help");
  EXPECT_EQ(Check("copy", {"--log=x"}).message(),
            "copy takes no --log; right is --from, --to and --keep_epoch; see --help");
}

TEST(CommandFlagsTest, ACommandThatThereIsNotIsToldTheOthers) {
  EXPECT_EQ(Check("remove", {}).message(), "\"remove\" is no command; right is look, copy or ask; see --help");
}

}  // namespace
}  // namespace eventlog
