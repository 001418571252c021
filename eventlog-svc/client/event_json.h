// The one JSON form of an event, in and out: what firehose clients receive and what the command line prints and reads.
//
//   {"offset":42,"id":"0193…","time":"2026-01-02T03:04:05.678Z","type":"session.created","subject":"s1","source":"/x",
//    "attributes":{"k":"v"},"data_content_type":"…","data":{…}}
//
// Exactly one of `data` (the content type is JSON and the text is one valid JSON value: its bytes as they came),
// `data_text` (any other text), `data_base64` (binary), or none. Empty subjects, attributes and content types are left
// out.

#ifndef EVENTLOG_SVC_CLIENT_EVENT_JSON_H_
#define EVENTLOG_SVC_CLIENT_EVENT_JSON_H_

#include <string>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "google/protobuf/timestamp.pb.h"
#include "proto/eventlog/v1/event.pb.h"

namespace eventlog {

// Appends the record's JSON object. `line`: line feeds within `data`, which can only be white space, become spaces.
void AppendEventJson(const v1::Record& record, bool line, std::string& out);
// One JSON object to an event; an `offset` is accepted, and left to the log. kInvalidArgument names the field that is
// unknown, missing or of the wrong kind.
absl::StatusOr<v1::Event> ParseEventJson(absl::string_view json);

// RFC 3339 in UTC with as many digits as are needed: "2026-01-02T03:04:05.678Z". A time outside of the years 1 to 9999,
// which no event has, is said with the digits that it has.
void AppendRfc3339(const google::protobuf::Timestamp& time, std::string& out);

}  // namespace eventlog

#endif  // EVENTLOG_SVC_CLIENT_EVENT_JSON_H_
