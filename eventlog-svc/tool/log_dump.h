// Prints a stored log as JSON, one object a line: for people and scripts that look into a stopped or damaged folder.
//
//   {"segment":"00000000000000000000.log","base_offset":0,"header":true}   before what is in it
//   {"offset":0,"id":…}                                                    a record, in the one JSON form of events
//   {"gap":{"start_offset":4,"next_offset":6}}                             records that are lost, in their place
//   {"state":{"start_offset":0,"producer_count":1,"cursors":[…],"settings":{…}}}      last

#ifndef EVENTLOG_SVC_TOOL_LOG_DUMP_H_
#define EVENTLOG_SVC_TOOL_LOG_DUMP_H_

#include <functional>
#include <string>

#include "absl/status/status.h"
#include "absl/strings/string_view.h"
#include "eventlog-svc/storage/file_system.h"

namespace eventlog {

// Calls `print` for each line, without its line feed. Changes nothing in the folder. An error when the folder cannot be
// listed or has no segment; damage is none.
absl::Status DumpLog(FileSystem& file_system, const std::string& directory,
                     const std::function<void(absl::string_view line)>& print);

}  // namespace eventlog

#endif  // EVENTLOG_SVC_TOOL_LOG_DUMP_H_
