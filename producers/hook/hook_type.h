// The event type of a hook: "PreToolUse" becomes "hook.pre_tool_use".

#ifndef PRODUCERS_HOOK_HOOK_TYPE_H_
#define PRODUCERS_HOOK_HOOK_TYPE_H_

#include <string>

#include "absl/strings/string_view.h"

namespace eventlog {

// What was no payload.
inline constexpr char kInvalidHookType[] = "hook.invalid";
// That payloads could not be kept.
inline constexpr char kLostHookType[] = "hook.lost";

// A legal type for any name, also for one that nobody knows yet; "hook.unknown" for a name without a letter or digit.
// A name that is in snake_case stays as it is.
std::string HookType(absl::string_view hook_event_name);

}  // namespace eventlog

#endif  // PRODUCERS_HOOK_HOOK_TYPE_H_
