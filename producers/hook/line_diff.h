// What changes in a text, line by line, for people.

#ifndef PRODUCERS_HOOK_LINE_DIFF_H_
#define PRODUCERS_HOOK_LINE_DIFF_H_

#include <string>

#include "absl/strings/string_view.h"

namespace eventlog {

// The lines that go, each behind "-", and those that come, behind "+", with three lines around them, behind " "; "..."
// stands for the others. Empty when the texts are the same. The longest common subsequence is by dynamic programming
// (Wagner, Fischer 1974) over what lies between the same beginning and the same end.
std::string LineDiff(absl::string_view before, absl::string_view after);

}  // namespace eventlog

#endif  // PRODUCERS_HOOK_LINE_DIFF_H_
