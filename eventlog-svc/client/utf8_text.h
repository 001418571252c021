// Bytes that may be UTF-8 (RFC 3629; Unicode 15, 3.9, table 3-7): no surrogates, nothing overlong, nothing above
// U+10FFFF. All functions are pure.

#ifndef EVENTLOG_SVC_CLIENT_UTF8_TEXT_H_
#define EVENTLOG_SVC_CLIENT_UTF8_TEXT_H_

#include <cstddef>

#include "absl/strings/string_view.h"

namespace eventlog {

struct Utf8Sequence {
  size_t size = 0;     // how many bytes belong together
  bool valid = false;  // they are a character
  bool cut = false;    // they are none, and more bytes could make them one
};

// The first character of `bytes`, or as many bytes as one U+FFFD stands for. `bytes` must not be empty.
Utf8Sequence FirstUtf8Sequence(absl::string_view bytes);

// Whether all of it is characters.
bool IsValidUtf8(absl::string_view text);

}  // namespace eventlog

#endif  // EVENTLOG_SVC_CLIENT_UTF8_TEXT_H_
