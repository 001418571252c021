// Names for sessions and their clients: short, never the same twice, and in the order of their making.

#ifndef PRODUCERS_SESSION_SESSION_ID_H_
#define PRODUCERS_SESSION_SESSION_ID_H_

#include <string>

#include "absl/strings/string_view.h"
#include "absl/time/time.h"

namespace eventlog {

// As a ULID (https://github.com/ulid/spec), in lower case and with 40 random bits in place of 80: ten characters of the
// millisecond, eight of chance. Any thread, any process.
std::string NewSessionId(absl::Time now);

// Whether this could be one: safe as the name of a file.
bool IsSessionId(absl::string_view text);

}  // namespace eventlog

#endif  // PRODUCERS_SESSION_SESSION_ID_H_
