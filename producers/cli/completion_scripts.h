// What a shell is given to complete command lines of `eventlog`: each asks the program for the candidates.

#ifndef PRODUCERS_CLI_COMPLETION_SCRIPTS_H_
#define PRODUCERS_CLI_COMPLETION_SCRIPTS_H_

#include "absl/strings/string_view.h"

namespace eventlog {

// "bash", "zsh" or "fish"; empty for another one.
absl::string_view CompletionScript(absl::string_view shell);

}  // namespace eventlog

#endif  // PRODUCERS_CLI_COMPLETION_SCRIPTS_H_
