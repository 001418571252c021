// A text in parts that events have room for.

#ifndef PRODUCERS_HOOK_PAYLOAD_PARTS_H_
#define PRODUCERS_HOOK_PAYLOAD_PARTS_H_

#include <cstdint>
#include <vector>

#include "absl/strings/string_view.h"

namespace eventlog {

// The text in its order, as few parts as there can be, each of at most `bytes_max` bytes (4 at least) and cut between
// two characters of UTF-8. `text` must be UTF-8. An empty text is one empty part.
std::vector<absl::string_view> PayloadParts(absl::string_view text, int64_t bytes_max);

}  // namespace eventlog

#endif  // PRODUCERS_HOOK_PAYLOAD_PARTS_H_
