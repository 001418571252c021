// Our entries in the settings of a coding agent (the hooks of Claude Code's settings.json), beside the user's own:
//
//   {"hooks": {"PreToolUse": [{"matcher": "*", "hooks": [{"type": "command", "command": "…/eventlog hook",
//                                                         "timeout": 10}]}], …}, …}
//
// What is not ours stays byte for byte, in its order. Uninstall after install gives the text of before, except where
// that had an empty text ("{}" then), `hooks` or a list of one of our events that was empty (gone then), or white space
// within an empty object or list that we filled (gone then).

#ifndef PRODUCERS_HOOK_HOOK_SETTINGS_H_
#define PRODUCERS_HOOK_HOOK_SETTINGS_H_

#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"

namespace eventlog {

// The hooks that are installed, by the agent's names.
const std::vector<std::string>& InstalledHooks();

// Whether a shell's command line is ours: the program `eventlog`, wherever it is, with the word `hook` and flags only.
bool IsHookCommand(absl::string_view command);

// The settings with `command` in each of InstalledHooks, once; another command of ours there is replaced by it. Empty
// settings are "{}". kInvalidArgument says what is malformed, with line and column, or not as the agent wants it.
absl::StatusOr<std::string> InstallHooks(std::string settings, const std::string& command, int timeout_s);

// The settings without any command of ours, whatever the hook.
absl::StatusOr<std::string> UninstallHooks(std::string settings);

}  // namespace eventlog

#endif  // PRODUCERS_HOOK_HOOK_SETTINGS_H_
