// JSON for a terminal, which obeys control characters that JSON leaves as they are.

#ifndef EVENTLOG_SVC_CLIENT_TERMINAL_JSON_H_
#define EVENTLOG_SVC_CLIENT_TERMINAL_JSON_H_

#include <string>

#include "absl/strings/string_view.h"

namespace eventlog {

// The same JSON with U+007F to U+009F as \u007f to \u009f: DEL and the controls of ISO 6429, C1, which begin sequences
// as ESC does. In UTF-8 they can stand within strings alone. Pure.
std::string TerminalJson(absl::string_view json);

// What `output`, a descriptor, gets of it: TerminalJson where that is a terminal, all else as it is.
std::string JsonFor(int output, std::string json);

}  // namespace eventlog

#endif  // EVENTLOG_SVC_CLIENT_TERMINAL_JSON_H_
