// What a cursor may be called.

#ifndef EVENTLOG_SVC_RPC_CURSOR_NAME_H_
#define EVENTLOG_SVC_RPC_CURSOR_NAME_H_

#include <string>

#include "absl/status/status.h"

namespace eventlog {

inline constexpr size_t kCursorNameBytesMax = 255;

// kInvalidArgument CURSOR_INVALID unless it has 1 to 255 bytes and no control characters. `name` is UTF-8.
absl::Status CheckCursorName(const std::string& name);

}  // namespace eventlog

#endif  // EVENTLOG_SVC_RPC_CURSOR_NAME_H_
