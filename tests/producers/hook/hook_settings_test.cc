#include "producers/hook/hook_settings.h"

#include <string>
#include <vector>

#include "absl/strings/str_cat.h"
#include "eventlog-svc/client/json_text.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "producers/hook/json_outline.h"
#include "tests/support/status_matchers.h"

namespace eventlog {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;

constexpr char kCommand[] = "/opt/eventlog hook";
constexpr char kUsers[] = R"({
    "model": "large",
    "hooks": {
        "PreToolUse": [
            {"matcher": "Bash", "hooks": [{"type": "command", "command": "check.sh"}]}
        ],
        "FileChanged": [
            {
                "hooks": [
                    {"type": "command", "command": "echo eventlog hook"}
                ]
            }
        ]
    },
    "n": 1.50e2, "escaped": "\u00e9"
}
)";

// As the agent finds them.
std::vector<std::string> Commands(const std::string& settings, const std::string& hook) {
  std::vector<std::string> commands;
  const absl::StatusOr<JsonNode> root = OutlineJson(settings);
  EXPECT_THAT(root, IsOk());
  const JsonNode* const hooks = root->Member("hooks");
  const JsonNode* const groups = hooks == nullptr ? nullptr : hooks->Member(hook);
  if (groups == nullptr) return commands;
  for (const JsonNode& group : groups->items) {
    for (const JsonNode& entry : group.Member("hooks")->items) {
      EXPECT_EQ("command", entry.Member("type")->text);
      commands.push_back(entry.Member("command")->text);
    }
  }
  return commands;
}

std::string Install(const std::string& settings, const std::string& command = kCommand) {
  const absl::StatusOr<std::string> installed = InstallHooks(settings, command, 10);
  EXPECT_THAT(installed, IsOk());
  return installed.value_or("");
}

std::string Uninstall(const std::string& settings) {
  const absl::StatusOr<std::string> uninstalled = UninstallHooks(settings);
  EXPECT_THAT(uninstalled, IsOk());
  return uninstalled.value_or("");
}

TEST(HookSettingsTest, EveryHookGetsOneEntryAsTheAgentWantsIt) {
  const std::string settings = Install("");
  EXPECT_EQ(10u, InstalledHooks().size());
  for (const std::string& hook : InstalledHooks()) EXPECT_THAT(Commands(settings, hook), ElementsAre(kCommand)) << hook;
  EXPECT_THAT(settings, HasSubstr(R"({
  "hooks": {
    "PreToolUse": [
      {
        "matcher": "*",
        "hooks": [
          {
            "type": "command",
            "command": "/opt/eventlog hook",
            "timeout": 10
          }
        ]
      }
    ],
    "PostToolUse": [)"));
  EXPECT_THAT(settings, HasSubstr(R"(
    "Stop": [
      {
        "hooks": [
          {)"));
  EXPECT_EQ("}\n", settings.substr(settings.size() - 2));
}

TEST(HookSettingsTest, UsersOwnStayByteForByte) {
  const std::string settings = Install(kUsers);
  EXPECT_THAT(Commands(settings, "PreToolUse"), ElementsAre("check.sh", kCommand));
  EXPECT_THAT(Commands(settings, "FileChanged"), ElementsAre("echo eventlog hook"));
  EXPECT_THAT(Commands(settings, "Stop"), ElementsAre(kCommand));
  // Nothing but insertions: what is not new is the text of before.
  size_t at = 0;
  const std::string users = kUsers;
  for (const char c : settings) at += at < users.size() && users[at] == c ? 1 : 0;
  EXPECT_EQ(users.size(), at);
  EXPECT_EQ(kUsers, Uninstall(settings));
}

TEST(HookSettingsTest, ASecondInstallChangesNothing) {
  for (const char* before : {"", "{}", kUsers, "{\"a\":1}"}) {
    const std::string settings = Install(before);
    EXPECT_EQ(settings, Install(settings));
  }
}

TEST(HookSettingsTest, UninstallLeavesTheFileAsItWas) {
  for (const std::string before :
       {"{}", "{}\n", "{\n  \"a\": 1\n}\n", "{\"a\":1}", "{\r\n\t\"a\": [ ]\r\n}",
        "{\"hooks\": {\"Stop\": [{\"hooks\": []}]}}", "{\n \"hooks\": {\n  \"Other\": []\n }\n}",
        "\n { \"hooks\" : { \"Stop\" : [ 1 , {} ] } , \"b\" : 2 }"}) {
    const std::string settings = Install(before);
    EXPECT_NE(before, settings);
    EXPECT_EQ(before, Uninstall(settings));
  }
}

TEST(HookSettingsTest, WhereUninstallCannotKnowNothingEmptyIsLeft) {
  EXPECT_EQ("{}\n", Uninstall(Install("")));
  EXPECT_EQ("{}", Uninstall(Install("{\n}")));
  EXPECT_EQ("{}", Uninstall(Install("{\"hooks\": {}}")));
  EXPECT_EQ("{\"hooks\": {\"Other\": []}}", Uninstall(Install("{\"hooks\": {\"Stop\": [], \"Other\": []}}")));
}

TEST(HookSettingsTest, NothingOfOursIsNothingToTakeOut) {
  for (const std::string settings : {"{ }", "{\"hooks\": {}}", "{\"hooks\": {\"Stop\": []}}", kUsers}) {
    EXPECT_EQ(settings, Uninstall(settings));
  }
}

TEST(HookSettingsTest, AnotherPathOfOursIsReplaced) {
  const std::string old = Install(kUsers, "'/old path/eventlog' hook --server=a:1");
  EXPECT_EQ(Install(kUsers), Install(old));
  EXPECT_EQ(kUsers, Uninstall(old));
}

TEST(HookSettingsTest, EntryBesideOneOfOursStays) {
  std::string settings = Install("{}");
  const std::string ours = "\"timeout\": 10\n          }";
  const size_t end = settings.find(ours) + ours.size();
  settings.insert(end, ", {\"type\": \"command\", \"command\": \"mine.sh\"}");
  settings = Uninstall(settings);
  EXPECT_THAT(Commands(settings, "PreToolUse"), ElementsAre("mine.sh"));
  EXPECT_THAT(Commands(settings, "Stop"), IsEmpty());
}

TEST(HookSettingsTest, OnlyOurOwnCommandIsOurs) {
  for (const char* command :
       {"eventlog hook", "/opt/eventlog hook", "'/a b/eventlog' hook --server=h:1 --log=x", "/a\\ b/eventlog hook",
        "\"/a b/eventlog\" hook", "eventlog --server=h:1 hook --strict"}) {
    EXPECT_TRUE(IsHookCommand(command)) << command;
  }
  for (const char* command : {"", "hook", "eventlog", "eventlog append", "eventlog hook status", "echo eventlog hook",
                              "eventlog hook; rm x", "eventlog hook | tee x", "eventlog hook && x", "myeventlog hook",
                              "eventlog hook # mine", "eventlog --hook", "eventlog hook hook"}) {
    EXPECT_FALSE(IsHookCommand(command)) << command;
  }
}

TEST(HookSettingsTest, SettingsThatAreNotAsTheAgentWantsThemAreRefused) {
  for (const auto& [settings, words] :
       std::vector<std::pair<std::string, std::string>>{{"{\n \"a\": 1,\n}", "line 3, column 1"},
                                                        {"[]", "no JSON object"},
                                                        {"{\"hooks\": []}", "\"hooks\" is no object"},
                                                        {"{\"hooks\": {\"Stop\": {}}}", "\"hooks.Stop\" is no list"},
                                                        {"{\"hooks\": {}, \"hooks\": {}}", "there twice"}}) {
    for (const absl::StatusOr<std::string>& changed :
         {InstallHooks(settings, kCommand, 10), UninstallHooks(settings)}) {
      EXPECT_THAT(changed, StatusIs(absl::StatusCode::kInvalidArgument, HasSubstr(words))) << settings;
    }
  }
}

TEST(HookSettingsTest, GroupsThatWeDoNotUnderstandAreLeftAlone) {
  const std::string before = R"({"hooks": {"Stop": [1, {"hooks": 2}, {"hooks": [3, {"command": 4}]}]}})";
  const std::string settings = Install(before);
  EXPECT_THAT(settings, HasSubstr(R"([1, {"hooks": 2}, {"hooks": [3, {"command": 4}]}, {)"));
  EXPECT_EQ(before, Uninstall(settings));
}

}  // namespace
}  // namespace eventlog
