// Messages of the API as JSON for scripts: what the commands print that only pass on what the service answered.
//
// Field names are those of the .proto files, and every field is there, set or not, except messages that are absent.
// Unlike protobuf's own mapping 64-bit numbers are numbers, an enum value has its short name ("FSYNC"), and a Duration
// is a number of seconds under a name that says so: {"max_age_s":604800}.

#ifndef PRODUCERS_CLI_MESSAGE_JSON_H_
#define PRODUCERS_CLI_MESSAGE_JSON_H_

#include <string>

#include "google/protobuf/duration.pb.h"
#include "google/protobuf/message.h"

namespace eventlog {

// One line, without its line feed. Maps are not written: the API's answers to these commands have none.
std::string MessageJson(const google::protobuf::Message& message);

// A number of seconds, exactly: "2.0015".
std::string SecondsText(const google::protobuf::Duration& duration);

// "FSYNC" of DURABILITY_FSYNC: the value's name without that of its enum.
std::string ShortEnumName(const google::protobuf::EnumValueDescriptor& value);

}  // namespace eventlog

#endif  // PRODUCERS_CLI_MESSAGE_JSON_H_
