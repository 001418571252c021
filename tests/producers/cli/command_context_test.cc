#include "producers/cli/command_context.h"

#include <cstdlib>
#include <string>
#include <vector>

#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "tests/support/status_matchers.h"

namespace eventlog {
namespace {

CommandLine Line(const std::vector<std::string>& arguments) {
  const auto line = CommandLine::Parse(arguments, ContextFlags());
  EXPECT_THAT(line, IsOk());
  return line.ok() ? *line : CommandLine();
}

TEST(CommandContextTest, TheFlagBehindTheCommandIsBeforeTheOneInFrontOfItAndTheEnvironment) {
  setenv("EVENTLOG_SERVER", "c:3", 1);
  EXPECT_EQ(ResolveContext(nullptr, Line({"--server=b:2"}), Line({"--server=a:1"}))->server, "a:1");
  EXPECT_EQ(ResolveContext(nullptr, Line({"--server=b:2"}), Line({}))->server, "b:2");
  EXPECT_EQ(ResolveContext(nullptr, Line({}), Line({}))->server, "c:3");
  unsetenv("EVENTLOG_SERVER");
  EXPECT_EQ(ResolveContext(nullptr, Line({}), Line({}))->server, "127.0.0.1:7431");
}

TEST(CommandContextTest, AGivenContextStandsForTheEnvironment) {
  const CommandContext context = {"d:4", "secret", false, true};
  const auto plain = ResolveContext(&context, Line({}), Line({}));
  ASSERT_THAT(plain, IsOk());
  EXPECT_EQ(plain->server, "d:4");
  EXPECT_FALSE(plain->json);
  EXPECT_TRUE(plain->color);
  const auto changed = ResolveContext(&context, Line({"--json"}), Line({"--color=never"}));
  ASSERT_THAT(changed, IsOk());
  EXPECT_TRUE(changed->json);
  EXPECT_FALSE(changed->color);
}

}  // namespace
}  // namespace eventlog
