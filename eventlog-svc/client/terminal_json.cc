#include "eventlog-svc/client/terminal_json.h"

#include <unistd.h>

#include <cstddef>

#include "absl/strings/str_format.h"

namespace eventlog {

std::string TerminalJson(absl::string_view json) {
  std::string out;
  out.reserve(json.size());
  for (size_t i = 0; i < json.size(); ++i) {
    const auto byte = static_cast<unsigned char>(json[i]);
    const auto next = i + 1 < json.size() ? static_cast<unsigned char>(json[i + 1]) : 0;
    // U+0080 to U+009F are the two bytes c2 80 to c2 9f, and no other character has these side by side.
    const bool c1 = byte == 0xc2 && next >= 0x80 && next <= 0x9f;
    if (c1 || byte == 0x7f) {
      absl::StrAppendFormat(&out, "\\u%04x", c1 ? next : byte);
      if (c1) ++i;
    } else {
      out.push_back(json[i]);
    }
  }
  return out;
}

std::string JsonFor(int output, std::string json) {
  if (isatty(output) == 1) return TerminalJson(json);
  return json;
}

}  // namespace eventlog
