#include "producers/hook/hook_settings.h"

#include <algorithm>
#include <optional>
#include <utility>

#include "absl/status/status.h"
#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "eventlog-svc/client/json_text.h"
#include "producers/hook/json_document.h"
#include "producers/hook/json_outline.h"

namespace eventlog {
namespace {

constexpr char kHooks[] = "hooks";
constexpr char kProgram[] = "eventlog";
constexpr char kWord[] = "hook";

// The words of a command line as a shell would see them; what is no plain list of words is not ours, and not split
// rightly here.
std::vector<std::string> ShellWords(absl::string_view command) {
  std::vector<std::string> words;
  char quote = '\0';
  bool in_word = false;
  for (size_t i = 0; i < command.size(); ++i) {
    const char c = command[i];
    const bool space = quote == '\0' && (c == ' ' || c == '\t');
    if (space) {
      in_word = false;
      continue;
    }
    if (!in_word) words.emplace_back();
    in_word = true;
    if (c == quote || (quote == '\0' && (c == '\'' || c == '"'))) {
      quote = c == quote ? '\0' : c;
    } else if (c == '\\' && quote != '\'' && i + 1 < command.size()) {
      words.back() += command[++i];
    } else {
      words.back() += c;
    }
  }
  return words;
}

// A command of ours: settings.hooks.<hook>[group].hooks[entry].
struct Place {
  size_t hook = 0;
  size_t group = 0;
  size_t entry = 0;
};

const JsonNode* EntriesOf(const JsonNode& group) {
  const JsonNode* const entries = group.Member(kHooks);
  return entries != nullptr && entries->is_array() ? entries : nullptr;
}

const JsonNode* CommandOf(const JsonNode& entry) {
  const JsonNode* const command = entry.Member("command");
  return command != nullptr && command->is_string() && IsHookCommand(command->text) ? command : nullptr;
}

// The first of ours in the lists from `first` up to `last`.
std::optional<Place> FindOurs(const JsonNode& hooks, size_t first, size_t last) {
  for (Place place = {first, 0, 0}; place.hook < last; ++place.hook) {
    const JsonNode& groups = hooks.items[place.hook];
    for (place.group = 0; groups.is_array() && place.group < groups.items.size(); ++place.group) {
      const JsonNode* const entries = EntriesOf(groups.items[place.group]);
      for (place.entry = 0; entries != nullptr && place.entry < entries->items.size(); ++place.entry) {
        if (CommandOf(entries->items[place.entry]) != nullptr) return place;
      }
    }
  }
  return std::nullopt;
}

// kInvalidArgument when there is something else where the agent wants its hooks.
absl::Status CheckShape(const JsonNode& root) {
  if (!root.is_object()) return absl::InvalidArgumentError("the settings are no JSON object");
  if (std::count_if(root.items.begin(), root.items.end(), [](const JsonNode& item) { return item.name == kHooks; }) >
      1) {
    return absl::InvalidArgumentError("\"hooks\" is there twice; right is once");
  }
  const JsonNode* const hooks = root.Member(kHooks);
  if (hooks == nullptr) return absl::OkStatus();
  if (!hooks->is_object()) return absl::InvalidArgumentError("\"hooks\" is no object; right is {\"EVENT\": [...]}");
  for (const JsonNode& list : hooks->items) {
    if (!list.is_array()) {
      return absl::InvalidArgumentError(absl::StrCat("\"hooks.", list.name, "\" is no list; right is [{...}]"));
    }
  }
  return absl::OkStatus();
}

absl::StatusOr<JsonDocument> ParseSettings(std::string settings) {
  if (settings.find_first_not_of(" \t\r\n") == std::string::npos) settings = "{}\n";
  absl::StatusOr<JsonDocument> document = JsonDocument::Parse(std::move(settings));
  if (!document.ok()) return document;
  const absl::Status shape = CheckShape(document->root());
  if (!shape.ok()) return shape;
  return document;
}

using Lines = std::vector<JsonDocument::Line>;

Lines Group(const std::string& hook, const std::string& command, int timeout_s, int depth) {
  std::string quoted;
  AppendJsonString(command, quoted);
  Lines lines = {{depth, "{"}};
  // Where there is no tool the agent knows no matcher.
  if (hook == "PreToolUse" || hook == "PostToolUse" || hook == "PermissionRequest") {
    lines.push_back({depth + 1, "\"matcher\": \"*\","});
  }
  lines.insert(lines.end(), {{depth + 1, "\"hooks\": ["},
                             {depth + 2, "{"},
                             {depth + 3, "\"type\": \"command\","},
                             {depth + 3, absl::StrCat("\"command\": ", quoted, ",")},
                             {depth + 3, absl::StrCat("\"timeout\": ", timeout_s)},
                             {depth + 2, "}"},
                             {depth + 1, "]"},
                             {depth, "}"}});
  return lines;
}

Lines List(const std::string& hook, const std::string& command, int timeout_s, int depth) {
  Lines lines = {{depth, absl::StrCat("\"", hook, "\": [")}};
  const Lines group = Group(hook, command, timeout_s, depth + 1);
  lines.insert(lines.end(), group.begin(), group.end());
  lines.push_back({depth, "]"});
  return lines;
}

Lines AllLists(const std::string& command, int timeout_s) {
  Lines lines = {{0, "\"hooks\": {"}};
  for (const std::string& hook : InstalledHooks()) {
    if (lines.size() > 1) lines.back().text += ",";
    const Lines list = List(hook, command, timeout_s, 1);
    lines.insert(lines.end(), list.begin(), list.end());
  }
  lines.push_back({0, "}"});
  return lines;
}

void InstallOne(const std::string& hook, const std::string& command, int timeout_s, JsonDocument& document) {
  const JsonNode& hooks = *document.root().Member(kHooks);
  const JsonNode* const list = hooks.Member(hook);
  if (list == nullptr) return document.Append(hooks, List(hook, command, timeout_s, 0));
  const auto index = static_cast<size_t>(list - hooks.items.data());
  const std::optional<Place> place = FindOurs(hooks, index, index + 1);
  if (!place) return document.Append(*list, Group(hook, command, timeout_s, 0));
  const JsonNode& ours = *CommandOf(EntriesOf(list->items[place->group])->items[place->entry]);
  if (ours.text == command) return;
  std::string quoted;
  AppendJsonString(command, quoted);
  document.Replace(ours, quoted);
}

}  // namespace

const std::vector<std::string>& InstalledHooks() {
  static const auto* const hooks = new std::vector<std::string>{
      "PreToolUse",       "PostToolUse",       "Stop",         "SubagentStop", "SessionStart", "SessionEnd",
      "UserPromptSubmit", "PermissionRequest", "Notification", "PreCompact",
  };
  return *hooks;
}

bool IsHookCommand(absl::string_view command) {
  const std::vector<std::string> words = ShellWords(command);
  if (words.empty() || words[0].substr(words[0].rfind('/') + 1) != kProgram) return false;
  return std::count(words.begin() + 1, words.end(), kWord) == 1 &&
         std::all_of(words.begin() + 1, words.end(),
                     [](const std::string& word) { return word == kWord || absl::StartsWith(word, "--"); });
}

absl::StatusOr<std::string> InstallHooks(std::string settings, const std::string& command, int timeout_s) {
  absl::StatusOr<JsonDocument> document = ParseSettings(std::move(settings));
  if (!document.ok()) return document.status();
  if (document->root().Member(kHooks) == nullptr) {
    document->Append(document->root(), AllLists(command, timeout_s));
    return document->text();
  }
  for (const std::string& hook : InstalledHooks()) InstallOne(hook, command, timeout_s, *document);
  return document->text();
}

absl::StatusOr<std::string> UninstallHooks(std::string settings) {
  absl::StatusOr<JsonDocument> document = ParseSettings(std::move(settings));
  if (!document.ok()) return document.status();
  while (true) {
    const JsonNode& root = document->root();
    const JsonNode* const hooks = root.Member(kHooks);
    const std::optional<Place> place = hooks == nullptr ? std::nullopt : FindOurs(*hooks, 0, hooks->items.size());
    if (!place) return document->text();
    const JsonNode& list = hooks->items[place->hook];
    const JsonNode& entries = *EntriesOf(list.items[place->group]);
    // The largest thing that holds nothing but ours.
    if (entries.items.size() > 1) {
      document->Remove(entries, place->entry);
    } else if (list.items.size() > 1) {
      document->Remove(list, place->group);
    } else if (hooks->items.size() > 1) {
      document->Remove(*hooks, place->hook);
    } else {
      document->Remove(root, static_cast<size_t>(hooks - root.items.data()));
    }
  }
}

}  // namespace eventlog
