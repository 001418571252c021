// An event as one line for people.

#ifndef PRODUCERS_CLI_EVENT_LINE_H_
#define PRODUCERS_CLI_EVENT_LINE_H_

#include <string>

#include "proto/eventlog/v1/event.pb.h"

namespace eventlog {

// Appends time, offset, type, subject, data, and then source and attributes where there are any; no end of line. Long
// data is cut, and says so.
void AppendEventLine(const v1::Record& record, bool color, std::string& out);

}  // namespace eventlog

#endif  // PRODUCERS_CLI_EVENT_LINE_H_
