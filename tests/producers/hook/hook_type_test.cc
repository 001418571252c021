#include "producers/hook/hook_type.h"

#include <string>
#include <utility>
#include <vector>

#include "gtest/gtest.h"

namespace eventlog {
namespace {

TEST(HookTypeTest, NamesOfAgentsAreInSnakeCase) {
  const std::vector<std::pair<std::string, std::string>> names = {
      {"PreToolUse", "hook.pre_tool_use"},
      {"PostToolUse", "hook.post_tool_use"},
      {"Stop", "hook.stop"},
      {"SubagentStop", "hook.subagent_stop"},
      {"SessionStart", "hook.session_start"},
      {"SessionEnd", "hook.session_end"},
      {"UserPromptSubmit", "hook.user_prompt_submit"},
      {"PermissionRequest", "hook.permission_request"},
      {"Notification", "hook.notification"},
      {"PreCompact", "hook.pre_compact"},
      // Unknown ones, too.
      {"pre_tool_use", "hook.pre_tool_use"},
      {"MCPServerStart", "hook.mcp_server_start"},
      {"step2Done", "hook.step2_done"},
      {"before-agent", "hook.before-agent"},
      {"agent.step", "hook.agent.step"},
      {"Two Words", "hook.two_words"},
      {"ALLCAPS", "hook.allcaps"},
  };
  for (const auto& [name, type] : names) EXPECT_EQ(type, HookType(name)) << name;
}

TEST(HookTypeTest, AnyBytesGiveALegalType) {
  EXPECT_EQ("hook.unknown", HookType(""));
  EXPECT_EQ("hook.unknown", HookType("__..--"));
  EXPECT_EQ("hook.a_b", HookType("\x01\xff a\n\tb.\x7f"));
  EXPECT_EQ("hook.br_cke", HookType("br\xc3\xbc"
                                    "cke"));
  const std::string type = HookType(std::string(10'000, 'x'));
  EXPECT_EQ(205u, type.size());
  EXPECT_LE(HookType(std::string(10'000, 'X') + "aB").size(), 255u);
}

}  // namespace
}  // namespace eventlog
