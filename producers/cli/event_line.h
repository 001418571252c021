// An event as one line for people.

#ifndef PRODUCERS_CLI_EVENT_LINE_H_
#define PRODUCERS_CLI_EVENT_LINE_H_

#include <cstddef>
#include <string>

#include "absl/strings/string_view.h"
#include "proto/eventlog/v1/event.pb.h"

namespace eventlog {

// Appends time, offset, type, subject, data, and then source and attributes where there are any; no end of line. Long
// data is cut, and says so.
void AppendEventLine(const v1::Record& record, bool color, std::string& out);

// Appends `text` such that no terminal obeys it: control characters, what changes the direction of writing, invisible
// characters and bytes that are no UTF-8 become \n, \x1b, \u202e. Ends before an output of more than `bytes_max`;
// returns how many bytes of `text` were taken.
size_t AppendHarmless(absl::string_view text, size_t bytes_max, std::string& out);

}  // namespace eventlog

#endif  // PRODUCERS_CLI_EVENT_LINE_H_
