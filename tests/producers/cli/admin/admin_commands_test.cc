#include "producers/cli/admin/admin_commands.h"

#include <string>

#include "gmock/gmock.h"
#include "gtest/gtest.h"

namespace eventlog {
namespace {

TEST(AdminCommandsTest, AllAreThere) {
  std::vector<std::string> names;
  for (const Command* command : AdminCommands()) names.emplace_back(command->name);
  EXPECT_THAT(names, testing::ElementsAre("logs list", "logs get", "logs create", "logs update", "logs trim",
                                          "logs delete", "cursors list", "cursors get", "cursors commit",
                                          "cursors reset", "cursors delete", "verify", "dump", "backup", "restore"));
}

}  // namespace
}  // namespace eventlog
