// Text of whomever, for a terminal.

#ifndef PRODUCERS_CLI_HARMLESS_TEXT_H_
#define PRODUCERS_CLI_HARMLESS_TEXT_H_

#include <cstddef>
#include <string>

#include "absl/strings/string_view.h"

namespace eventlog {

// Appends `text` such that no terminal obeys it: control characters, what changes the direction of writing, invisible
// characters and bytes that are no UTF-8 become \n, \x1b, \u202e. Ends before an output of more than `bytes_max`;
// returns how many bytes of `text` were taken.
size_t AppendHarmless(absl::string_view text, size_t bytes_max, std::string& out);

// All of it.
std::string Harmless(absl::string_view text);

}  // namespace eventlog

#endif  // PRODUCERS_CLI_HARMLESS_TEXT_H_
