// Looking for the end of what was written in the zeros that are reserved behind it: up to a whole segment of them.

#ifndef EVENTLOG_SVC_STORAGE_ZERO_BYTES_H_
#define EVENTLOG_SVC_STORAGE_ZERO_BYTES_H_

#include <algorithm>
#include <cstddef>
#include <cstring>

#include "absl/strings/string_view.h"

namespace eventlog {

// Any thread. Many bytes at a time, which string_view's own search does not.
inline bool IsZeros(absl::string_view bytes) {
  return bytes.empty() || (bytes[0] == '\0' && std::memcmp(bytes.data(), bytes.data() + 1, bytes.size() - 1) == 0);
}

// How many bytes there are up to the last one that is not zero.
inline size_t UsedSize(absl::string_view bytes) {
  constexpr size_t kStep = 1024;
  while (!bytes.empty()) {
    const absl::string_view end = bytes.substr(bytes.size() - std::min(kStep, bytes.size()));
    if (!IsZeros(end)) return bytes.find_last_not_of('\0') + 1;
    bytes.remove_suffix(end.size());
  }
  return 0;
}

}  // namespace eventlog

#endif  // EVENTLOG_SVC_STORAGE_ZERO_BYTES_H_
